namespace CollectorAgent.Rrd;

public sealed partial class Tile
{
    /// <summary>This tile with shorter rings, or as it was at an earlier step.</summary>
    /// <param name="layout">This tile's, or one that differs from it in the length of rings only.</param>
    /// <param name="lastStep">What lies after it is left out; then the last sample is left out as well.</param>
    internal Tile Confined(ArchiveLayout layout, long lastStep, TileSpace space)
    {
        Origin[] origins = [.. _columns.Select((c, i) => new Origin(c, this, i))];
        if (lastStep >= LastStep)
        {
            var same = Compose(layout, LastStep, this, origins, space);
            same.Plugin = Plugin;
            return same;
        }
        var cut = new Tile(layout, _columns, lastStep, space) { Plugin = Plugin };
        for (int stage = 0; stage < layout.Stages.Length; stage++)
        {
            cut.CopyRows(stage, origins);
        }
        cut.RestorePreparations([.. _columns.Select((_, i) => layout.Rras.Select((_, rra) => ScratchAt(rra, i, lastStep)).ToArray())]);
        return cut;
    }

    /// <summary>The unfinished row of a column as it was at an earlier step, as well as that is known: what its row amounts to now, or came
    /// to in the end, stands for the part of it that was over.</summary>
    private CdpScratch ScratchAt(int rra, int column, long step)
    {
        var definition = Layout.Rras[rra];
        int elapsed = (int)(step % definition.PdpPerCdp);
        long row = step / definition.PdpPerCdp;
        bool isUnfinished = row == LastStep / definition.PdpPerCdp;
        var scratch = isUnfinished ? Scratch(rra, column) : new CdpScratch(Cell(rra, row, column), 0);
        bool isKnown = double.IsFinite(scratch.Value);
        long known = isUnfinished ? LastStep % definition.PdpPerCdp - scratch.UnknownPdps : isKnown ? definition.PdpPerCdp : 0;
        long kept = Math.Min(known, elapsed);
        if (definition.Function != ConsolidationFunction.Average || kept <= 0)
        {
            return new CdpScratch(kept > 0 ? scratch.Value : definition.Function == ConsolidationFunction.Average ? 0 : double.NaN, elapsed - kept);
        }
        double mean = isUnfinished ? scratch.Value * (definition.PdpPerCdp - scratch.UnknownPdps) / known : scratch.Value;
        return new CdpScratch(mean * kept / (definition.PdpPerCdp - (elapsed - kept)), elapsed - kept);
    }
}
