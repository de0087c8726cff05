namespace CollectorAgent.Rrd;

/// <summary>An RRD as it was at one moment, for documents that are written while recording goes on.</summary>
/// <remarks>All its tiles have ended the same step: what one has not heard of is unknown there. Rows, which are nearly all of it, stay
/// where they are and are copied in blocks when they are asked for; so it takes little memory, and nobody waits for a reader.</remarks>
public sealed class RrdSnapshot
{
    private readonly RoundRobinDatabase _rrd;
    private readonly Lock _gate;

    internal RrdSnapshot(RoundRobinDatabase rrd, Lock gate)
    {
        _rrd = rrd;
        _gate = gate;
        Layout = rrd.Layout;
        LastStep = rrd.LastStep;
        LastUpdated = rrd.LastUpdated;
        Tiles = [.. rrd.Tiles.Where(t => t.Columns.Count > 0).Select(t => new TileSnapshot(t, LastStep))];
        Columns = Tiles.Sum(t => t.Columns.Count);
    }

    public ArchiveLayout Layout { get; }

    /// <summary>Those that have data sources, in the order of the RRD.</summary>
    public IReadOnlyList<TileSnapshot> Tiles { get; }

    /// <inheritdoc cref="RoundRobinDatabase.LastStep"/>
    public long LastStep { get; }

    /// <inheritdoc cref="RoundRobinDatabase.LastUpdated"/>
    public double LastUpdated { get; }

    /// <inheritdoc cref="RoundRobinDatabase.DataSources"/>
    public IEnumerable<DataSource> DataSources => Tiles.SelectMany(t => t.Columns);

    /// <summary>How many data sources there are.</summary>
    public int Columns { get; }

    /// <summary>Rows that are best copied together: no more than a sample can wait for.</summary>
    public int RowsAtOnce => Math.Max(1, RrdRows.MostCellsAtOnce / Math.Max(1, Columns));

    /// <summary>The CDPs of some rows over all data sources, in their order, row after row; unknown where the RRD did not have one.</summary>
    /// <param name="oldest">The first of them.</param>
    /// <exception cref="TimeoutException">A row was there but has been overwritten since, as the oldest rows can be had for four more of
    /// their RRA; or the whole RRD is gone.</exception>
    public void CopyRows(int rra, long oldest, int count, Span<double> values)
    {
        lock (_gate)
        {
            for (int i = 0; i < count; i++)
            {
                CopyRow(rra, oldest + i, values.Slice(i * Columns, Columns));
            }
        }
    }

    private void CopyRow(int rra, long row, Span<double> values)
    {
        long newest = LastStep / Layout.Rras[rra].PdpPerCdp - 1;
        if (row < 0 || row > newest || row <= newest - Layout.Rras[rra].Rows)
        {
            values.Fill(double.NaN);
            return;
        }
        foreach (var tile in Tiles)
        {
            if (!tile.TryCopyRow(_rrd, rra, row, values[..tile.Columns.Count]))
            {
                throw new TimeoutException("The oldest rows have been overwritten while the document was read, or the RRD has left this host. Ask again.");
            }
            values = values[tile.Columns.Count..];
        }
    }
}
