namespace CollectorAgent.Rrd;

/// <summary>All RRAs of a layout that share a <see cref="RraDefinition.PdpPerCdp"/>: their rows end together and lie together.</summary>
internal sealed class Stage
{
    /// <summary>Longest row that is worked out from the rows of PDPs when it ends; a longer one is prepared all along.</summary>
    public const int MostGathered = 24;

    private Stage(int pdpPerCdp, int[] rras, int rows, Stage? finest, Stage? finer)
    {
        PdpPerCdp = pdpPerCdp;
        Rras = rras;
        Rows = rows;
        IsGathered = finest is not null && pdpPerCdp <= Math.Min(finest.Rows, MostGathered);
        Finer = IsGathered ? null : finer;
    }

    public int PdpPerCdp { get; }

    /// <summary>Their numbers in the layout.</summary>
    public int[] Rras { get; }

    /// <summary>Those of the longest of them.</summary>
    public int Rows { get; }

    /// <summary>Rows that are PDPs: all functions of one value are that value.</summary>
    public bool IsFinest => PdpPerCdp == 1;

    /// <summary>A row is worked out from the rows of PDPs once they are all there, so nothing is kept for it meanwhile.</summary>
    public bool IsGathered { get; }

    /// <summary>What the PDPs of the unfinished row amount to so far is kept.</summary>
    public bool IsKept => !IsFinest && !IsGathered;

    /// <summary>Its place among those that are kept; -1 where it is not.</summary>
    public int KeptIndex { get; private init; } = -1;

    /// <summary>Whose rows feed this one when they end; null where PDPs do.</summary>
    public Stage? Finer { get; }

    /// <summary>What must be known of the PDPs of a row, for this stage and those that it feeds.</summary>
    public bool NeedsSum { get; private set; }

    public bool NeedsMin { get; private set; }

    public bool NeedsMax { get; private set; }

    public bool NeedsLast { get; private set; }

    /// <summary>Rows of cells in one row of all: one for each RRA, but PDPs are there once.</summary>
    public int Bands => IsFinest ? 1 : Rras.Length;

    /// <summary>Where the cells of an RRA stand in a row.</summary>
    public int BandOf(int rra) => IsFinest ? 0 : Array.IndexOf(Rras, rra);

    /// <summary>The stages of a layout, finest first.</summary>
    public static Stage[] Of(IReadOnlyList<RraDefinition> rras)
    {
        var stages = new List<Stage>();
        foreach (var group in rras.Index().GroupBy(r => r.Item.PdpPerCdp).OrderBy(g => g.Key))
        {
            var finest = stages.Find(s => s.IsFinest);
            // A document has what is kept for its functions only: a finer stage that is restored from one must have all of these.
            var finer = stages.FindLast(s => !s.IsFinest && group.Key % s.PdpPerCdp == 0
                && (s.IsGathered || group.All(r => s.Rras.Any(x => rras[x].Function == r.Item.Function))));
            var stage = new Stage(group.Key, [.. group.Select(r => r.Index)], group.Max(r => r.Item.Rows), finest, finer);
            stages.Add(stage.IsKept
                ? new Stage(stage.PdpPerCdp, stage.Rras, stage.Rows, finest, finer) { KeptIndex = stages.Count(s => s.IsKept) }
                : stage);
            for (var feeding = stages[^1]; feeding is not null; feeding = feeding.Finer)
            {
                feeding.NeedsSum |= group.Any(r => r.Item.Function == ConsolidationFunction.Average);
                feeding.NeedsMin |= group.Any(r => r.Item.Function == ConsolidationFunction.Min);
                feeding.NeedsMax |= group.Any(r => r.Item.Function == ConsolidationFunction.Max);
                feeding.NeedsLast |= group.Any(r => r.Item.Function == ConsolidationFunction.Last);
            }
        }
        return [.. stages];
    }
}
