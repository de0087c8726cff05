namespace CollectorAgent.Rrd;

public sealed partial class RoundRobinDatabase
{
    /// <summary>Most cells that a join may write: those of 32,768 data sources with all standard rings.</summary>
    public const long MaxJoinedCells = 32_768 * 2_082L;

    /// <summary>Most cells of a tile that a join adds: all of them are written at once.</summary>
    private const long MaxAddedCells = 1 << 17;

    /// <summary>Most cells of an RRD that takes up rings of the other one: it is composed anew at once.</summary>
    private const long MaxWidenedCells = 1 << 18;

    /// <summary>It is recorded no longer, and nothing of it is there.</summary>
    public bool IsEmptied { get; private set; }

    /// <summary>This RRD as far as it is of use here: without rows older than any of a standard ring, and without what lies after a step.
    /// </summary>
    /// <returns>A copy on the heap; this one, where there is nothing to leave out.</returns>
    public RoundRobinDatabase Confined(long throughStep)
    {
        var layout = Layout.Confined();
        if (layout == Layout && LastStep <= throughStep)
        {
            return this;
        }
        var confined = new RoundRobinDatabase(layout);
        foreach (var tile in Populated)
        {
            confined.Add(tile.Confined(layout, throughStep, TileSpace.Heap));
        }
        return confined;
    }

    /// <summary>Forgets what lies after a step.</summary>
    /// <returns>False where there is nothing.</returns>
    public bool CutAfter(long step)
    {
        var ahead = Populated.Where(t => t.LastStep > step).ToList();
        foreach (var tile in ahead)
        {
            var cut = tile.Confined(Layout, step, _space);
            tile.IsReplaced = true;
            _tiles[_tiles.IndexOf(tile)] = cut;
            Register(cut);
        }
        if (ahead.Count > 0)
        {
            _space.Commit(this);
        }
        return ahead.Count > 0;
    }

    /// <summary>Takes in what another RRD of the same owner knows. Each row has afterwards what either knew of it; where both did, the
    /// consolidation of both. Doing it twice changes nothing.</summary>
    /// <remarks>What only the other one has is reported by nobody here, and its counters start anew.</remarks>
    /// <param name="archive">Of steps of the same length; left as it is.</param>
    /// <exception cref="ArgumentException">Its steps are of another length, or more than <see cref="MaxJoinedCells"/> would be written;
    /// nothing is changed.</exception>
    public void Join(RoundRobinDatabase archive) => Join(archive, new HashSet<string>(StringComparer.Ordinal), long.MaxValue);

    /// <summary>Does a part of a join.</summary>
    /// <param name="joined">Names whose tiles are done; those of this part are added.</param>
    /// <param name="maxCells">How many cells may be written; one tile's are in any case. An RRD of more keeps the rings it has.</param>
    /// <returns>Whether all is done.</returns>
    /// <inheritdoc cref="Join(RoundRobinDatabase)"/>
    public bool Join(RoundRobinDatabase archive, HashSet<string> joined, long maxCells)
    {
        var layout = Layout.UnionWith(archive.Layout);
        if (layout != Layout && maxCells < long.MaxValue && DataSources.LongCount() * layout.CellsPerColumn > MaxWidenedCells)
        {
            layout = Layout;
        }
        if (joined.Count == 0)
        {
            RefuseTooMuch(archive, layout);
        }
        bool isNewLayout = layout != Layout;
        var todo = _tiles.Where(t => isNewLayout || t.Columns.Any(c => archive.Find(c.Name) is not null && !joined.Contains(c.Name))).ToList();
        if (!isNewLayout && maxCells < long.MaxValue && todo.Find(t => t.Columns.Count > JoinableColumns) is { } wide)
        {
            // To join it takes several times as long as to copy it, so that comes first, and the joins of its parts later.
            Split(wide);
            _space.Commit(this);
            return false;
        }
        long cells = 0;
        bool isDone = true;
        var done = new List<(Tile Old, Tile New)>();
        foreach (var tile in todo)
        {
            long own = tile.Columns.Count * layout.CellsPerColumn;
            isDone = isNewLayout || cells == 0 || cells + own <= maxCells;
            if (!isDone)
            {
                break;
            }
            cells += own;
            done.Add((tile, Joined(tile, archive, layout)));
        }
        Layout = layout;
        foreach (var (old, tile) in done)
        {
            _tiles[_tiles.IndexOf(old)] = tile;
            old.IsReplaced = true;
            Register(tile);
            joined.UnionWith(tile.Columns.Select(c => c.Name));
        }
        isDone = isDone && AddMissing(archive, cells, maxCells);
        _space.Commit(this);
        return isDone;
    }

    /// <summary>Removes everything. Whoever still reads a document of it hears that the rows are gone.</summary>
    public void Empty()
    {
        IsEmptied = true;
        _tiles.ForEach(t => t.IsReplaced = true);
        _tiles.Clear();
        _places.Clear();
    }

    /// <summary>Puts several narrow tiles in the place of a wide one, which goes on in them.</summary>
    private void Split(Tile wide)
    {
        int index = _tiles.IndexOf(wide);
        _tiles.RemoveAt(index);
        wide.IsReplaced = true;
        foreach (var chunk in OriginsOf(wide).Chunk(JoinableColumns))
        {
            var narrow = Tile.Compose(Layout, wide.LastStep, wide, chunk, _space);
            narrow.ContinueReports(wide, wide, chunk);
            _tiles.Insert(index++, narrow);
            Register(narrow);
        }
    }

    private void RefuseTooMuch(RoundRobinDatabase archive, ArchiveLayout layout)
    {
        long columns = _tiles.Where(t => layout != Layout || t.Columns.Any(c => archive.Find(c.Name) is not null)).Sum(t => (long)t.Columns.Count)
            + archive.DataSources.LongCount(s => Find(s.Name) is null);
        if (columns * layout.CellsPerColumn > MaxJoinedCells)
        {
            throw new ArgumentException(
                $"{columns} data sources of {layout.CellsPerColumn} rows each would have to be joined; the limit is {MaxJoinedCells} cells in all",
                nameof(archive));
        }
    }

    private Tile Joined(Tile tile, RoundRobinDatabase archive, ArchiveLayout layout)
    {
        if (tile.Columns.Count == 0)
        {
            return new Tile(layout, [], tile.LastStep, _space) { Plugin = tile.Plugin };
        }
        var places = tile.Columns.Select(c => archive.Find(c.Name)).ToArray();
        var here = new HistorySide(Layout, PlacesOf(tile), tile.LastStep);
        var there = new HistorySide(archive.Layout, places, places.Max(p => p?.Tile.LastStep ?? 0));
        bool isNewer = tile.LastStep >= there.LastStep;
        var joined = Tile.Join(layout, tile.Columns, isNewer ? there : here, isNewer ? here : there);
        if (isNewer)
        {
            joined.GoOnFrom(tile);
        }
        var origins = Sorted(OriginsOf(joined)).ToList();
        var kept = Tile.Compose(layout, joined.LastStep, joined, origins, _space);
        kept.ContinueReports(tile, joined, origins);
        return kept;
    }

    /// <summary>Adds the data sources of another RRD that there are none of here.</summary>
    /// <returns>False where cells are written enough before all are there.</returns>
    private bool AddMissing(RoundRobinDatabase archive, long cells, long maxCells)
    {
        int widest = (int)Math.Clamp(MaxAddedCells / Layout.CellsPerColumn, JoinableColumns, Tile.MaxColumns);
        foreach (var tile in archive._tiles)
        {
            foreach (var chunk in Sorted(OriginsOf(tile).Where(o => Find(o.Definition.Name) is null)).ToList().Chunk(widest))
            {
                long own = chunk.Length * Layout.CellsPerColumn;
                if (cells > 0 && cells + own > maxCells)
                {
                    return false;
                }
                cells += own;
                Add(Missing(tile, chunk));
            }
        }
        return true;
    }

    private Tile Missing(Tile tile, Tile.Origin[] columns)
    {
        if (tile.Layout.Rras.SequenceEqual(Layout.Rras))
        {
            return Tile.Compose(Layout, tile.LastStep, primary: null, columns, _space);
        }
        var there = new HistorySide(tile.Layout, [.. columns.Select(c => (ColumnPlace?)new ColumnPlace(tile, c.Column))], tile.LastStep);
        var joined = Tile.Join(Layout, [.. columns.Select(c => c.Definition)], there, there);
        return Tile.Compose(Layout, joined.LastStep, joined, [.. OriginsOf(joined)], _space);
    }

    private static ColumnPlace?[] PlacesOf(Tile tile) => [.. tile.Columns.Select((_, i) => (ColumnPlace?)new ColumnPlace(tile, i))];
}
