namespace CollectorAgent.Rrd;

public sealed partial class Tile
{
    /// <summary>A tile on the heap that knows of every row what either side knows, as if all had been recorded in one place.</summary>
    /// <remarks>What the newer side has after the end of the older one is consolidated on top of that, step by step, as far as its rows of
    /// steps reach. A longer time between them leaves the rows in which the older side ends with what one of the sides knows of them.</remarks>
    /// <param name="columns">As the tile will have them.</param>
    /// <param name="older">The side that ended first.</param>
    internal static Tile Join(ArchiveLayout layout, IReadOnlyList<DataSource> columns, HistorySide older, HistorySide newer)
    {
        var tile = new Tile(layout, columns, older.LastStep);
        tile.FillRows(older, newer);
        tile.RestorePreparations(tile.Better(older, null));
        if (newer.LastStep - tile.LastStep <= newer.StepRows && layout.Stages is [{ IsFinest: true }, ..])
        {
            tile.Replay(newer);
        }
        else
        {
            tile.EndUnknown(newer.LastStep);
        }
        tile.FillRows(newer);
        tile.RestorePreparations(tile.Better(newer, tile.Side()));
        return tile;
    }

    /// <summary>Takes over from a tile of the same columns the last sample and the unfinished step, so that it goes on in its place.</summary>
    internal void GoOnFrom(Tile other)
    {
        LastSampleTime = other.LastSampleTime;
        _lastEndingSample = other._lastEndingSample;
        _accumulationStart = other._accumulationStart;
        var state = ContinuedState();
        for (int i = 0; i < _columns.Length; i++)
        {
            CopyStep(i, other, i, state);
        }
        Commit(state);
    }

    /// <summary>The cells of a row; empty where the ring does not hold it.</summary>
    internal ReadOnlySpan<double> Row(int rra, long row) => Band(rra, row);

    private HistorySide Side() => new(Layout, [.. _columns.Select((_, i) => (ColumnPlace?)new ColumnPlace(this, i))], LastStep);

    /// <summary>Puts into every row what is not known of it yet: what the first side knows, then what the second does.</summary>
    private void FillRows(params ReadOnlySpan<HistorySide> sides)
    {
        double[] values = new double[_columns.Length];
        for (int rra = 0; rra < Layout.Rras.Count; rra++)
        {
            for (long row = Math.Max(0, NewestRow(rra) - Layout.Rras[rra].Rows + 1); row <= NewestRow(rra); row++)
            {
                var own = Band(rra, row);
                values.AsSpan().Fill(double.NaN);
                own.CopyTo(values);
                foreach (var side in sides)
                {
                    side.FillRow(Layout.Rras[rra], row, values);
                }
                Put(rra, row, values);
            }
        }
    }

    private void Replay(HistorySide newer)
    {
        double[] pdps = new double[_columns.Length];
        var finest = Layout.Rras.First(r => r.PdpPerCdp == 1);
        while (LastStep < newer.LastStep)
        {
            pdps.AsSpan().Fill(double.NaN);
            newer.FillRow(finest, LastStep, pdps);
            var state = NextState(LastStep + 1, isGap: false);
            pdps.CopyTo(CellsToWrite(0, LastStep));
            EndStep(pdps, state);
            Commit(state);
        }
    }

    /// <summary>For each column its unfinished rows, of the side that knows more of them.</summary>
    private List<CdpScratch[]?> Better(HistorySide first, HistorySide? second)
    {
        var result = new List<CdpScratch[]?>();
        for (int column = 0; column < _columns.Length; column++)
        {
            result.Add([.. Layout.Rras.Select(rra => Better(rra, first.Scratch(rra, column), second?.Scratch(rra, column)))]);
        }
        return result;
    }

    private CdpScratch Better(RraDefinition rra, CdpScratch? first, CdpScratch? second)
    {
        var nothing = new CdpScratch(rra.Function == ConsolidationFunction.Average ? 0 : double.NaN, LastStep % rra.PdpPerCdp);
        var best = first is { } one && second is { } other && other.UnknownPdps < one.UnknownPdps ? other : first ?? second;
        return best ?? nothing;
    }
}
