namespace CollectorAgent.Rrd.Formats;

/// <summary>The columns that one RRD gives to a document, copied out of it.</summary>
public sealed class XportColumns
{
    private readonly double[] _values;

    private XportColumns(string[] heads, string[] names, int rows)
    {
        Heads = heads;
        Names = names;
        _values = GC.AllocateUninitializedArray<double>(Count * rows);
    }

    /// <summary>Function and owner with a colon after each: what an entry of the legend has before the name. One for each RRA.</summary>
    public IReadOnlyList<string> Heads { get; }

    /// <summary>Those of the data sources, which follow each of <see cref="Heads"/>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>How many columns there are.</summary>
    public int Count => Heads.Count * Names.Count;

    /// <summary>Length of all entries of the legend.</summary>
    internal long LegendChars => (long)Heads.Sum(h => h.Length) * Names.Count + (long)Names.Sum(n => n.Length) * Heads.Count;

    /// <summary>Copies what a plan selects. This is all that has to be done while the RRD stands still.</summary>
    /// <param name="prefix">The owner: <c>host:UUID</c>, <c>vm:UUID</c> or <c>sr:UUID</c>.</param>
    public static XportColumns Copy(XportPlan plan, RoundRobinDatabase rrd, string prefix)
    {
        int[] rras = [.. plan.Select(rrd.Layout)];
        string[] heads = [.. rras.Select(r => $"{rrd.Layout.Rras[r].Function.Name()}:{prefix}:")];
        var columns = new XportColumns(heads, [.. rrd.DataSources.Select(d => d.Name)], plan.RowCount);
        var rest = columns._values.AsSpan();
        for (int row = 0; row < plan.RowCount; row++)
        {
            long number = plan.End / plan.RowSeconds - 1 - row;
            foreach (int rra in rras)
            {
                rrd.CopyRow(rra, number, rest[..columns.Names.Count]);
                rest = rest[columns.Names.Count..];
            }
        }
        return columns;
    }

    /// <summary>The values of one row; row 0 is the newest.</summary>
    public ReadOnlySpan<double> Row(int row) => _values.AsSpan(row * Count, Count);
}
