namespace CollectorAgent.Rrd.Formats;

/// <summary>The columns that one RRD gives to a document.</summary>
public sealed class XportColumns
{
    private readonly XportPlan _plan;
    private readonly RrdRows _rows;
    private readonly int[] _rras;

    /// <param name="rows">Of the RRD.</param>
    /// <param name="prefix">The owner: <c>host:UUID</c>, <c>vm:UUID</c> or <c>sr:UUID</c>.</param>
    public XportColumns(XportPlan plan, RrdRows rows, string prefix)
    {
        _plan = plan;
        _rows = rows;
        _rras = [.. plan.Select(rows.Layout)];
        Heads = [.. _rras.Select(r => $"{rows.Layout.Rras[r].Function.Name()}:{prefix}:")];
        Names = [.. rows.DataSources.Select(d => d.Name)];
    }

    /// <summary>Function and owner with a colon after each: what an entry of the legend has before the name. One for each RRA.</summary>
    public IReadOnlyList<string> Heads { get; }

    /// <summary>Those of the data sources, which follow each of <see cref="Heads"/>.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>How many columns there are.</summary>
    public int Count => Heads.Count * Names.Count;

    /// <summary>Length of all entries of the legend.</summary>
    internal long LegendChars => (long)Heads.Sum(h => h.Length) * Names.Count + (long)Names.Sum(n => n.Length) * Heads.Count;

    /// <summary>Copies one row.</summary>
    /// <param name="row">Row 0 is the newest.</param>
    /// <param name="values">One for each column.</param>
    /// <exception cref="TimeoutException">It was there when the document began, but has been overwritten since.</exception>
    internal void CopyRow(int row, Span<double> values)
    {
        long number = _plan.End / _plan.RowSeconds - 1 - row;
        foreach (int rra in _rras)
        {
            if (!_rows.TryCopyRow(rra, number, values[..Names.Count]))
            {
                throw new TimeoutException("The oldest rows have been overwritten while the document was read. Read it faster.");
            }
            values = values[Names.Count..];
        }
    }
}
