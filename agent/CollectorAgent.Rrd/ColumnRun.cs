namespace CollectorAgent.Rrd;

/// <summary>Neighbouring columns of a tile that differ in nothing but their names: they take one way through the arithmetic.</summary>
internal sealed class ColumnRun
{
    private readonly DataSource _definition;

    private ColumnRun(int start, int count, DataSource definition)
    {
        Start = start;
        Count = count;
        _definition = definition;
        LowestFinite = Math.Max(definition.Min, -double.MaxValue);
        HighestFinite = Math.Min(definition.Max, double.MaxValue);
        HighestRate = definition.Inverse ? 1 - definition.Min : definition.Max;
    }

    public int Start { get; }

    public int Count { get; }

    public DataSourceType Type => _definition.Type;

    public bool IsInteger => _definition.IsInteger;

    public bool Inverse => _definition.Inverse;

    public double HeartbeatSeconds => _definition.HeartbeatSeconds;

    public double Min => _definition.Min;

    public double Max => _definition.Max;

    /// <summary>The bounds, without what is not finite: that is unknown.</summary>
    public double LowestFinite { get; }

    public double HighestFinite { get; }

    /// <summary>Largest rate, before the inverse.</summary>
    public double HighestRate { get; }

    public static ColumnRun[] Of(DataSource[] columns)
    {
        var runs = new List<ColumnRun>();
        int start = 0;
        for (int i = 1; i <= columns.Length; i++)
        {
            if (i == columns.Length || !columns[i].IsLike(columns[start]))
            {
                runs.Add(new ColumnRun(start, i - start, columns[start]));
                start = i;
            }
        }
        return [.. runs];
    }

    /// <summary>The raw value as a number; NaN where it is none.</summary>
    public double Value(long raw) => _definition.Value(raw);

    /// <summary>Whether a value may be kept, once it is inverted where that is asked for.</summary>
    public bool Admits(double value)
    {
        double stored = Inverse ? 1 - value : value;
        return stored >= LowestFinite && stored <= HighestFinite;
    }

    /// <summary>The PDP of a value.</summary>
    public double Bounded(double value) => !Admits(value) ? double.NaN : Inverse ? 1 - value : value;
}
