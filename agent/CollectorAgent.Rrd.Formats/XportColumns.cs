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

    /// <summary>Copies rows, the newest first.</summary>
    /// <param name="first">Row 0 is the newest of the document.</param>
    /// <param name="values">One for each column, row after row.</param>
    /// <param name="stride">From one row to the next.</param>
    /// <exception cref="TimeoutException">One was there when the document began, but has been overwritten since.</exception>
    internal void CopyRows(int first, int count, Span<double> values, int stride)
    {
        long newest = _plan.End / _plan.RowSeconds - 1 - first;
        // What is too much for one look at the RRD is copied RRA by RRA.
        int together = Count <= RrdRows.MostCellsAtOnce ? _rras.Length : 1;
        for (int r = 0; r < _rras.Length; r += together)
        {
            if (!_rows.TryCopyRows(_rras.AsSpan(r, together), newest, count, values[(r * Names.Count)..], stride))
            {
                throw new TimeoutException("The oldest rows have been overwritten while the document was read. Read it faster.");
            }
        }
    }
}
