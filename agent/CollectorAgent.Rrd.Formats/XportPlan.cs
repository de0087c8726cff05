namespace CollectorAgent.Rrd.Formats;

/// <summary>The one time axis that the columns of several RRDs share, and the RRAs that have it.</summary>
/// <remarks>The choice follows that of the agents before this one, but for what they failed at: an RRD that has nothing to
/// give is left out instead of spoiling the document for the others.</remarks>
public sealed class XportPlan
{
    private XportPlan(int stepSeconds, int pdpPerCdp, int rows, long start, long end, ConsolidationFunction? function)
    {
        RowSeconds = (long)stepSeconds * pdpPerCdp;
        PdpPerCdp = pdpPerCdp;
        RingRows = rows;
        End = RowSeconds * (end / RowSeconds);
        Start = RowSeconds * (start / RowSeconds) + RowSeconds;
        Function = function;
        long newest = End / RowSeconds;
        long oldest = (start + RowSeconds - 1) / RowSeconds;
        RowCount = rows == 0 ? 0 : (int)Math.Clamp(newest - oldest + 1, 0, rows);
    }

    /// <summary>Spacing of rows.</summary>
    public long RowSeconds { get; }

    /// <summary>Time of the first row, as readers have always been told: the first multiple of the spacing after what they asked for.</summary>
    public long Start { get; }

    /// <summary>Time of the newest row.</summary>
    public long End { get; }

    public int RowCount { get; }

    private int PdpPerCdp { get; }

    private int RingRows { get; }

    private ConsolidationFunction? Function { get; }

    /// <summary>Chooses the finest RRAs that reach back to the start, or the coarsest where none does.</summary>
    /// <param name="query">What is wanted.</param>
    /// <param name="layouts">Those of the RRDs in the order of the document; RRDs of another step than the first are left out.</param>
    /// <param name="lastUpdate">When the newest of them became known, in Unix seconds.</param>
    public static XportPlan Create(XportQuery query, IEnumerable<ArchiveLayout> layouts, long lastUpdate)
    {
        int step = 0;
        long start = 0;
        foreach (var layout in layouts)
        {
            if (step == 0)
            {
                step = layout.StepSeconds;
                // Times before the epoch, or past what a long can be rounded to, are as good as its ends.
                start = query.Start < 0 ? Math.Max(0, lastUpdate + Math.Max(query.Start, -lastUpdate)) : Math.Min(query.Start, long.MaxValue / 4);
            }
            if (layout.StepSeconds == step && Choose(query, layout, start, lastUpdate) is { } chosen)
            {
                return new XportPlan(step, chosen.PdpPerCdp, chosen.Rows, start, lastUpdate, query.Function);
            }
        }
        step = step == 0 ? ArchiveLayout.StandardStepSeconds : step;
        return new XportPlan(step, 1, 0, Math.Clamp(query.Start, 0, long.MaxValue / 4), lastUpdate, query.Function);
    }

    /// <summary>The RRAs of a layout that have this time axis, in their order.</summary>
    public IEnumerable<int> Select(ArchiveLayout layout) => layout.Rras.Index()
        .Where(r => RingRows > 0
            && (long)layout.StepSeconds * r.Item.PdpPerCdp == RowSeconds
            && r.Item.PdpPerCdp == PdpPerCdp
            && r.Item.Rows == RingRows
            && (Function is null || r.Item.Function == Function))
        .Select(r => r.Index);

    private static RraDefinition? Choose(XportQuery query, ArchiveLayout layout, long start, long lastUpdate)
    {
        int step = layout.StepSeconds;
        var wide = layout.Rras.Where(r => query.Function is null || r.Function == query.Function).ToList();
        if (wide.Count == 0)
        {
            return null;
        }
        long end = step * (lastUpdate / step);
        long longest = Span(wide[^1]);
        wide.RemoveAll(r => r.PdpPerCdp < query.IntervalSeconds / step);
        return wide.Find(r => start > end - Span(r)) ?? wide.Find(r => Span(r) >= longest);

        long Span(RraDefinition rra) => (long)step * rra.Rows * rra.PdpPerCdp;
    }
}
