namespace CollectorAgent.Rrd;

/// <summary>The rows of an RRD, copied in blocks when they are asked for.</summary>
public sealed class RrdRows
{
    /// <summary>So many cells are copied while a sample may wait: half a megabyte of them.</summary>
    public const int MostCellsAtOnce = 1 << 16;

    private readonly RoundRobinDatabase _rrd;
    private readonly Lock _gate;
    private readonly Tile[] _tiles;
    private readonly long _lastStep;

    internal RrdRows(RoundRobinDatabase rrd, Lock gate)
    {
        _rrd = rrd;
        _gate = gate;
        _tiles = [.. rrd.Tiles.Where(t => t.Columns.Count > 0)];
        Layout = rrd.Layout;
        Columns = _tiles.Sum(t => t.Columns.Count);
        _lastStep = rrd.LastStep;
    }

    public ArchiveLayout Layout { get; }

    /// <summary>How many data sources there are.</summary>
    public int Columns { get; }

    public IEnumerable<DataSource> DataSources => _tiles.SelectMany(t => t.Columns);

    /// <summary>Copies the CDPs of one row over all data sources, in their order; unknown where there are none.</summary>
    /// <returns>False where it was there at first but has been overwritten since.</returns>
    public bool TryCopyRow(int rra, long row, Span<double> values) => TryCopyRows([rra], row, 1, values, Columns);

    /// <summary>Copies rows, the newest first: of each its CDPs in some RRAs, RRA by RRA, over all data sources, in their order; unknown
    /// where there are none.</summary>
    /// <remarks>The gate is taken once for all of them, so whoever asks for no more than <see cref="MostCellsAtOnce"/> keeps a sample waiting
    /// for a fraction of a millisecond.</remarks>
    /// <param name="rras">RRAs of the same length and the same PDPs a row.</param>
    /// <param name="newest">The first of the rows.</param>
    /// <param name="count">How many.</param>
    /// <param name="stride">From one row to the next in <paramref name="values"/>.</param>
    /// <returns>False where one was there at first but has been overwritten since.</returns>
    public bool TryCopyRows(ReadOnlySpan<int> rras, long newest, int count, Span<double> values, int stride)
    {
        bool areThere = true;
        lock (_gate)
        {
            for (int i = 0; i < count; i++)
            {
                for (int r = 0; r < rras.Length; r++)
                {
                    areThere &= TryCopy(rras[r], newest - i, values.Slice(i * stride + r * Columns, Columns));
                }
            }
        }
        return areThere;
    }

    private bool TryCopy(int rra, long row, Span<double> values)
    {
        var definition = Layout.Rras[rra];
        if (row < 0 || row < _lastStep / definition.PdpPerCdp - definition.Rows)
        {
            values.Fill(double.NaN);
            return true;
        }
        bool isThere = true;
        foreach (var tile in _tiles)
        {
            isThere &= _rrd.TryCopyRow(tile, rra, row, values[..tile.Columns.Count]);
            values = values[tile.Columns.Count..];
        }
        return isThere;
    }
}
