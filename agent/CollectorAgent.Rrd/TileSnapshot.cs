namespace CollectorAgent.Rrd;

/// <summary>One tile of a <see cref="RrdSnapshot"/>: what is not in its rows was copied.</summary>
/// <remarks>A tile of which nothing has been heard is shown as it would be had it ended the steps since as unknown: the row that was
/// unfinished then may be over by that, and all rows after it are unknown. The tile itself is left alone.</remarks>
public sealed class TileSnapshot
{
    private readonly Tile _tile;
    private readonly UnfinishedSteps? _steps;
    private readonly double[][] _unfinishedRows;

    // Of each stage the bands of the row that the silence has ended; null where it has ended none with anything known.
    private readonly double[]?[] _endedRows;

    // The newest step that the tile had ended itself.
    private readonly long _heardUntil;

    /// <param name="throughStep">What the tile has not heard of is unknown up to here.</param>
    internal TileSnapshot(Tile tile, long throughStep)
    {
        _tile = tile;
        _heardUntil = tile.LastStep;
        bool isLate = _heardUntil < throughStep;
        Columns = tile.Columns;
        Layout = tile.Layout;
        LastStep = isLate ? throughStep : _heardUntil;
        LastSampleTime = isLate ? double.NaN : tile.LastSampleTime;
        LastUpdated = isLate ? (double)throughStep * Layout.StepSeconds : tile.LastUpdated;
        _steps = isLate ? null : tile.CopySteps();
        _unfinishedRows = [.. Layout.Stages.Select(tile.UnfinishedRow)];
        _endedRows = [.. Layout.Stages.Select((s, i) => isLate && !s.IsFinest ? EndRow(s, _unfinishedRows[i]) : null)];
    }

    public ArchiveLayout Layout { get; }

    public IReadOnlyList<DataSource> Columns { get; }

    /// <inheritdoc cref="Tile.LastStep"/>
    public long LastStep { get; }

    /// <inheritdoc cref="Tile.LastSampleTime"/>
    public double LastSampleTime { get; }

    /// <inheritdoc cref="Tile.LastUpdated"/>
    public double LastUpdated { get; }

    /// <inheritdoc cref="Tile.Scratch(int)"/>
    public PdpScratch Scratch(int column) => _steps is { } steps ? steps.Scratch(column, Columns[column]) : new PdpScratch(null, 0, 0);

    /// <inheritdoc cref="Tile.Scratch(int, int)"/>
    public CdpScratch Scratch(int rra, int column)
    {
        var stage = Layout.StageOf(rra);
        var row = new Preparation(stage, _unfinishedRows[Array.IndexOf(Layout.Stages, stage)], Columns.Count);
        return row.Scratch(column, Layout.Rras[rra], (int)(LastStep % stage.PdpPerCdp));
    }

    /// <returns>False where the row has been overwritten since.</returns>
    internal bool TryCopyRow(RoundRobinDatabase rrd, int rra, long row, Span<double> values)
    {
        var stage = Layout.StageOf(rra);
        long first = _heardUntil / stage.PdpPerCdp;
        if (row < first)
        {
            return rrd.TryCopyRow(_tile, rra, row, values);
        }
        // The tile may have gone on since, but not in what this is a picture of.
        if (row == first && _endedRows[Array.IndexOf(Layout.Stages, stage)] is { } ended)
        {
            ended.AsSpan(stage.BandOf(rra) * Columns.Count, Columns.Count).CopyTo(values);
        }
        else
        {
            values.Fill(double.NaN);
        }
        return true;
    }

    /// <summary>Ends the row that a stage had begun, where it is over by <see cref="LastStep"/>; the next one has nothing known then.</summary>
    private double[]? EndRow(Stage stage, double[] unfinished)
    {
        if (LastStep / stage.PdpPerCdp == _heardUntil / stage.PdpPerCdp)
        {
            return null;
        }
        var row = new Preparation(stage, unfinished, Columns.Count);
        double[]? cells = null;
        if (_heardUntil % stage.PdpPerCdp != 0)
        {
            cells = new double[stage.Bands * Columns.Count];
            foreach (var run in ColumnRun.Of([.. Columns]))
            {
                for (int band = 0; band < stage.Bands; band++)
                {
                    row.Slice(run.Start, run.Count).Consolidate(
                        Layout.Rras[stage.Rras[band]], run.Min, run.Max, cells.AsSpan(band * Columns.Count + run.Start, run.Count));
                }
            }
        }
        row.Reset();
        return cells;
    }
}
