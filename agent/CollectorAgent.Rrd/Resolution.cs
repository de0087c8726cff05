namespace CollectorAgent.Rrd;

/// <summary>All RRAs of one tile that share a <see cref="RraDefinition.PdpPerCdp"/>.</summary>
internal sealed class Resolution
{
    private readonly ArchiveLayout _layout;
    private readonly int[] _rras;

    private Resolution(ArchiveLayout layout, int pdpPerCdp, int[] rras, Resolution? finer, int columns)
    {
        _layout = layout;
        _rras = rras;
        PdpPerCdp = pdpPerCdp;
        Finer = finer;
        Preparation = new CdpPreparation(columns);
    }

    public int PdpPerCdp { get; }

    /// <summary>Whose finished rows feed this one; null where PDPs do.</summary>
    public Resolution? Finer { get; }

    /// <summary>What the PDPs since the last finished row amount to, without those still in <see cref="Finer"/>.</summary>
    public CdpPreparation Preparation { get; private set; }

    /// <summary>Finest first, so that a row is whole before a coarser one is fed with it.</summary>
    public static Resolution[] Of(ArchiveLayout layout, int columns)
    {
        var result = new List<Resolution>();
        foreach (var group in layout.Rras.Index().GroupBy(r => r.Item.PdpPerCdp).OrderBy(g => g.Key))
        {
            int[] rras = [.. group.Select(r => r.Index)];
            // A finer resolution can feed this one where its rows fit in and it keeps all that is needed here.
            var finer = result.LastOrDefault(f => f.PdpPerCdp > 1 && group.Key % f.PdpPerCdp == 0
                && rras.All(r => f._rras.Any(x => layout.Rras[x].Function == layout.Rras[r].Function)));
            result.Add(new Resolution(layout, group.Key, rras, finer, columns));
        }
        return [.. result];
    }

    /// <summary>The same stages with the same unfinished rows.</summary>
    public static Resolution[] Clone(Resolution[] stages)
    {
        var result = new Resolution[stages.Length];
        for (int i = 0; i < stages.Length; i++)
        {
            var stage = stages[i];
            var finer = stage.Finer is null ? null : result[Array.IndexOf(stages, stage.Finer)];
            result[i] = new Resolution(stage._layout, stage.PdpPerCdp, stage._rras, finer, 0)
            {
                Preparation = stage.Preparation.Clone(),
            };
        }
        return result;
    }

    /// <summary>Takes the PDPs of the step that ended last, finer rows first.</summary>
    /// <param name="step">Number of that step.</param>
    public void Take(long step, ReadOnlySpan<double> pdps, Ring[] rings, ReadOnlySpan<double> lowest, ReadOnlySpan<double> highest)
    {
        if (PdpPerCdp == 1)
        {
            foreach (int rra in _rras)
            {
                pdps.CopyTo(rings[rra].Slot(step - 1));
            }
            return;
        }
        if (Finer is null)
        {
            Preparation.Add(pdps);
        }
        else if (step % Finer.PdpPerCdp == 0)
        {
            Preparation.Merge(Finer.Preparation);
        }
        if (step % PdpPerCdp == 0)
        {
            Finish(step / PdpPerCdp - 1, rings, lowest, highest);
        }
    }

    /// <summary>Forgets the row that <see cref="Take"/> finished; the coarser resolutions have merged it by then.</summary>
    public void StartRow(long step)
    {
        if (PdpPerCdp > 1 && step % PdpPerCdp == 0)
        {
            Preparation.Reset();
        }
    }

    /// <summary>Makes the steps from <paramref name="first"/> to <paramref name="last"/> unknown, however many they are.</summary>
    /// <remarks>Coarsest first: an unfinished finer row that ends in the gap is counted before it is forgotten.</remarks>
    public void Skip(long first, long last, Ring[] rings, ReadOnlySpan<double> lowest, ReadOnlySpan<double> highest)
    {
        long row = (first - 1) / PdpPerCdp;
        long newest = last / PdpPerCdp - 1;
        for (var finer = Finer; finer is not null && last / finer.PdpPerCdp > (first - 1) / finer.PdpPerCdp; finer = finer.Finer)
        {
            Preparation.Merge(finer.Preparation);
        }
        if (newest < row)
        {
            return;
        }
        if (PdpPerCdp > 1)
        {
            Finish(row++, rings, lowest, highest);
            Preparation.Reset();
        }
        foreach (int rra in _rras)
        {
            rings[rra].Clear(row, newest);
        }
    }

    /// <summary>The unfinished row as a document shows it: with what the finer resolutions have not handed on yet.</summary>
    public CdpScratch Scratch(int column, ConsolidationFunction function, long step)
    {
        int elapsed = (int)(step % PdpPerCdp);
        if (Finer is null)
        {
            return Preparation.Scratch(column, function, PdpPerCdp, elapsed);
        }
        var whole = new CdpPreparation(1);
        whole.MergeColumn(0, Preparation, column);
        for (var finer = Finer; finer is not null; finer = finer.Finer)
        {
            whole.MergeColumn(0, finer.Preparation, column);
        }
        return whole.Scratch(0, function, PdpPerCdp, elapsed);
    }

    public void Restore(int column, ConsolidationFunction function, long step, CdpScratch scratch) =>
        Preparation.Restore(column, function, PdpPerCdp, (int)(step % PdpPerCdp), scratch);

    /// <summary>Ends a restoration: what the finer resolutions hold must not be counted twice.</summary>
    /// <remarks>Coarsest first, while <see cref="Finer"/> still holds all of its own.</remarks>
    public void ExcludeFiner(int column)
    {
        if (Finer is not null)
        {
            Preparation.Exclude(column, Finer.Preparation);
        }
    }

    private void Finish(long row, Ring[] rings, ReadOnlySpan<double> lowest, ReadOnlySpan<double> highest)
    {
        foreach (int rra in _rras)
        {
            Preparation.Consolidate(_layout.Rras[rra], lowest, highest, rings[rra].Slot(row));
        }
    }
}
