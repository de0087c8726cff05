namespace CollectorAgent.Rrd.Formats;

/// <summary>The columns that one RRD gives to a document, copied out of it.</summary>
public sealed class XportColumns
{
    private readonly double[] _values;

    private XportColumns(string[] legend, double[] values)
    {
        Legend = legend;
        _values = values;
    }

    /// <summary>One entry for each column: function, owner and name, separated by colons.</summary>
    public IReadOnlyList<string> Legend { get; }

    /// <summary>Copies what a plan selects. This is all that has to be done while the RRD stands still.</summary>
    /// <param name="prefix">The owner: <c>host:UUID</c>, <c>vm:UUID</c> or <c>sr:UUID</c>.</param>
    public static XportColumns Copy(XportPlan plan, RoundRobinDatabase rrd, string prefix)
    {
        int[] rras = [.. plan.Select(rrd.Layout)];
        string[] names = [.. rrd.DataSources.Select(d => d.Name)];
        string[] legend = [.. rras.SelectMany(r => names.Select(n => $"{rrd.Layout.Rras[r].Function.Name()}:{prefix}:{n}"))];
        double[] values = new double[legend.Length * plan.RowCount];
        for (int row = 0; row < plan.RowCount; row++)
        {
            long number = plan.End / plan.RowSeconds - 1 - row;
            for (int i = 0; i < rras.Length; i++)
            {
                rrd.CopyRow(rras[i], number, values.AsSpan(row * legend.Length + i * names.Length, names.Length));
            }
        }
        return new XportColumns(legend, values);
    }

    /// <summary>The values of one row; row 0 is the newest.</summary>
    public ReadOnlySpan<double> Row(int row) => _values.AsSpan(row * Legend.Count, Legend.Count);
}
