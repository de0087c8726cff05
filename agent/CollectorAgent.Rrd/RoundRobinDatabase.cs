namespace CollectorAgent.Rrd;

/// <summary>The history of one owner: its tiles, which share one layout and one time axis.</summary>
/// <remarks>Not safe for concurrent use: take a <see cref="Snapshot"/> to write a document of it.</remarks>
public sealed partial class RoundRobinDatabase
{
    private readonly TileSpace _space;
    private readonly List<Tile> _tiles = [];

    // Who has a data source, and where.
    private readonly Dictionary<string, ColumnPlace> _places = new(StringComparer.Ordinal);

    /// <param name="space">Where its tiles lie; on the heap where nothing is said.</param>
    public RoundRobinDatabase(ArchiveLayout layout, TileSpace? space = null)
    {
        Layout = layout;
        _space = space ?? TileSpace.Heap;
    }

    public ArchiveLayout Layout { get; private set; }

    /// <summary>In the order in which their plugins came; documents list the data sources so.</summary>
    public IReadOnlyList<Tile> Tiles => _tiles;

    /// <summary>The newest step that any tile has ended; 0 where there is no data source.</summary>
    public long LastStep => Populated.Select(t => t.LastStep).DefaultIfEmpty().Max();

    /// <summary>When anything became known last, in Unix seconds; never before the end of <see cref="LastStep"/>.</summary>
    public double LastUpdated => Populated.Select(t => t.LastUpdated).DefaultIfEmpty().Max();

    public IEnumerable<DataSource> DataSources => _tiles.SelectMany(t => t.Columns);

    /// <summary>A tile whose plugin was refused all it reports has nothing to say, and no time of its own.</summary>
    private IEnumerable<Tile> Populated => _tiles.Where(t => t.Columns.Count > 0);

    /// <summary>Whether any step after this one has a value that is known.</summary>
    public bool KnowsSomethingSince(long step)
    {
        int finest = Layout.Rras.Index().MinBy(r => r.Item.PdpPerCdp).Index;
        return _tiles.Exists(t => t.KnowsSomethingSince(finest, step / Layout.Rras[finest].PdpPerCdp));
    }

    /// <summary>Adds a tile that was made or opened elsewhere. Its memory stays its own.</summary>
    public void Add(Tile tile)
    {
        if (tile.Layout != Layout)
        {
            throw new ArgumentException("a tile of another layout", nameof(tile));
        }
        _tiles.Add(tile);
        Register(tile);
    }

    /// <summary>Who has a data source, and where.</summary>
    public ColumnPlace? Find(string name) => _places.TryGetValue(name, out var place) ? place : null;

    /// <summary>Nobody reports the data sources of this plugin any more; their history stays and can be claimed.</summary>
    public void Release(string plugin)
    {
        foreach (var tile in _tiles.Where(t => t.Plugin == plugin))
        {
            tile.Plugin = null;
            tile.Unreport(tile.LastStep);
        }
    }

    /// <summary>Adds a data source that nobody reports yet; one that is there stays as it is.</summary>
    public void Add(DataSource source)
    {
        if (Find(source.Name) is null)
        {
            Add(new Tile(Layout, [source], LastStep, _space));
            _space.Commit(this);
        }
    }

    /// <summary>The newest value of a data source in the finest RRA; null where there is no such data source.</summary>
    /// <param name="oldestStep">Where nothing was recorded since this step, the value is unknown.</param>
    public double? Newest(string name, long oldestStep)
    {
        var (finest, rra) = Layout.Rras.Index().MinBy(r => r.Item.PdpPerCdp);
        long row = LastStep / rra.PdpPerCdp - 1;
        return Find(name) is not { } place ? null : LastStep < oldestStep ? double.NaN : place.Tile.Cell(finest, row, place.Column);
    }

    /// <summary>Removes a data source with its history; its tile is another one afterwards.</summary>
    /// <returns>False where there is none of that name.</returns>
    public bool Remove(string name) => Remove(n => n == name, long.MaxValue).Removed > 0;

    /// <summary>Removes data sources with their history, in parts.</summary>
    /// <param name="matches">Which, by name.</param>
    /// <param name="maxCells">Cells of history that may be copied for what stays; one tile's are in any case.</param>
    /// <returns>How many went, and whether all are gone.</returns>
    public (int Removed, bool IsDone) Remove(Func<string, bool> matches, long maxCells)
    {
        int removed = 0;
        long cells = 0;
        bool isDone = true;
        foreach (var tile in _tiles.Where(t => t.Columns.Any(c => matches(c.Name))).ToList())
        {
            var kept = OriginsOf(tile).Where(o => !matches(o.Definition.Name)).ToList();
            long own = kept.Count * Layout.CellsPerColumn;
            if (cells > 0 && cells + own > maxCells)
            {
                isDone = false;
                break;
            }
            cells += own;
            removed += tile.Columns.Count - kept.Count;
            Replace(tile, kept);
        }
        if (removed > 0)
        {
            _space.Commit(this);
        }
        return (removed, isDone);
    }

    /// <summary>Copies every tile into memory of this RRD's own space, and keeps it there.</summary>
    /// <param name="other">An RRD of the same layout, which lies elsewhere.</param>
    public void Take(RoundRobinDatabase other)
    {
        foreach (var tile in other._tiles)
        {
            foreach (var chunk in Sorted(OriginsOf(tile)).Chunk(Tile.MaxColumns))
            {
                Add(Tile.Compose(Layout, tile.LastStep, tile, chunk, _space));
            }
        }
        _space.Commit(this);
    }

    /// <summary>Splits tiles that are wider than claims make them, as older agents did.</summary>
    public void SplitWideTiles()
    {
        var wide = _tiles.FindAll(t => t.Columns.Count > Tile.MaxColumns);
        foreach (var tile in wide)
        {
            _tiles.Remove(tile);
            tile.IsReplaced = true;
            foreach (var chunk in Sorted(OriginsOf(tile)).Chunk(Tile.MaxColumns))
            {
                Add(Tile.Compose(Layout, tile.LastStep, tile, chunk, _space));
            }
        }
        if (wide.Count > 0)
        {
            _space.Commit(this);
        }
    }

    /// <summary>The RRD as it is now, for somebody who reads it at leisure.</summary>
    /// <param name="gate">Held by the caller now, and by the snapshot whenever it copies a row later.</param>
    public RrdSnapshot Snapshot(Lock? gate = null) => new(this, gate ?? new Lock());

    /// <summary>The rows of the data sources that there are now, for somebody who reads them over a while.</summary>
    /// <param name="gate">Held by the caller now, and whenever a row is copied later.</param>
    public RrdRows Rows(Lock? gate = null) => new(this, gate ?? new Lock());

    /// <summary>Copies a row of a tile that there was, which may have been composed anew since.</summary>
    /// <returns>False where the row has been overwritten or removed since.</returns>
    internal bool TryCopyRow(Tile tile, int rra, long row, Span<double> values)
    {
        if (_tiles.Contains(tile))
        {
            return tile.TryCopyRow(rra, row, values);
        }
        if (tile.Layout != Layout || IsEmptied)
        {
            return false;
        }
        bool isThere = true;
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = double.NaN;
            if (Find(tile.Columns[i].Name) is { } place)
            {
                isThere &= place.Tile.TryCopyCell(rra, row, place.Column, out values[i]);
            }
        }
        return isThere;
    }

    /// <summary>Columns that differ only in their names side by side, and GAUGEs last, as they take less room there; else in the order in
    /// which they came.</summary>
    private static IEnumerable<Tile.Origin> Sorted(IEnumerable<Tile.Origin> origins) =>
        origins.GroupBy(o => o.Definition with { Name = "" }).OrderBy(g => g.Key.Type == DataSourceType.Gauge).SelectMany(g => g);

    /// <summary>Puts another tile in the place of one, which goes on in it; none, where nothing remains.</summary>
    private void Replace(Tile tile, List<Tile.Origin> remaining)
    {
        int index = _tiles.IndexOf(tile);
        tile.IsReplaced = true;
        foreach (var column in tile.Columns)
        {
            _places.Remove(column.Name);
        }
        if (remaining.Count == 0)
        {
            _tiles.RemoveAt(index);
            return;
        }
        var origins = Sorted(remaining).ToList();
        var composed = Tile.Compose(Layout, tile.LastStep, tile, origins, _space);
        composed.ContinueReports(tile, tile, origins);
        _tiles[index] = composed;
        Register(composed);
    }

    private void Register(Tile tile)
    {
        for (int i = 0; i < tile.Columns.Count; i++)
        {
            _places[tile.Columns[i].Name] = new ColumnPlace(tile, i);
        }
    }
}
