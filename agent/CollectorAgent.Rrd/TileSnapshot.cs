namespace CollectorAgent.Rrd;

/// <summary>One tile of a <see cref="RrdSnapshot"/>: what is not in its rows was copied.</summary>
public sealed class TileSnapshot
{
    private readonly Tile _tile;
    private readonly bool _isCopy;
    private readonly PdpScratch[] _steps;
    private readonly double[][] _unfinishedRows;

    /// <param name="throughStep">What the tile has not heard of is unknown up to here.</param>
    internal TileSnapshot(Tile tile, long throughStep)
    {
        // A late plugin's tile would have to be brought up to the step, which changes rows.
        _isCopy = tile.LastStep < throughStep;
        _tile = _isCopy ? tile.Clone() : tile;
        if (_isCopy)
        {
            _tile.EndUnknown(throughStep);
        }
        Columns = tile.Columns;
        Layout = tile.Layout;
        LastStep = _tile.LastStep;
        LastSampleTime = _tile.LastSampleTime;
        LastUpdated = _tile.LastUpdated;
        _steps = [.. Columns.Select((_, i) => _tile.Scratch(i))];
        _unfinishedRows = [.. Layout.Stages.Select(_tile.UnfinishedRow)];
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
    public PdpScratch Scratch(int column) => _steps[column];

    /// <inheritdoc cref="Tile.Scratch(int, int)"/>
    public CdpScratch Scratch(int rra, int column)
    {
        var stage = Layout.StageOf(rra);
        var row = new Preparation(stage, _unfinishedRows[Array.IndexOf(Layout.Stages, stage)], Columns.Count);
        return row.Scratch(column, Layout.Rras[rra], (int)(LastStep % stage.PdpPerCdp));
    }

    /// <returns>False where the row has been overwritten since.</returns>
    internal bool TryCopyRow(RoundRobinDatabase rrd, int rra, long row, Span<double> values) =>
        _isCopy ? _tile.TryCopyRow(rra, row, values) : rrd.TryCopyRow(_tile, rra, row, values);
}
