namespace CollectorAgent.Rrd;

/// <summary>The rows of an RRD, copied when they are asked for.</summary>
public sealed class RrdRows
{
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
    public bool TryCopyRow(int rra, long row, Span<double> values)
    {
        var definition = Layout.Rras[rra];
        if (row < 0 || row < _lastStep / definition.PdpPerCdp - definition.Rows)
        {
            values[..Columns].Fill(double.NaN);
            return true;
        }
        bool isThere = true;
        lock (_gate)
        {
            foreach (var tile in _tiles)
            {
                isThere &= _rrd.TryCopyRow(tile, rra, row, values[..tile.Columns.Count]);
                values = values[tile.Columns.Count..];
            }
        }
        return isThere;
    }
}
