namespace CollectorAgent.Rrd;

public sealed partial class RoundRobinDatabase
{
    /// <summary>Most cells that a join may write: those of 32,768 data sources with all standard rings.</summary>
    public const long MaxJoinedCells = 32_768 * 2_082L;

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
    /// <exception cref="ArgumentException">Its steps are of another length, or there would be more than <see cref="MaxJoinedCells"/>;
    /// nothing is changed.</exception>
    public void Join(RoundRobinDatabase archive)
    {
        var layout = Layout.UnionWith(archive.Layout);
        long columns = _tiles.Where(t => IsTouched(t, archive, layout)).Sum(t => (long)t.Columns.Count)
            + archive.DataSources.LongCount(s => Find(s.Name) is null);
        if (columns * layout.CellsPerColumn > MaxJoinedCells)
        {
            throw new ArgumentException(
                $"{columns} data sources of {layout.CellsPerColumn} rows each would have to be joined; the limit is {MaxJoinedCells} cells in all",
                nameof(archive));
        }
        List<Tile> joined = [.. _tiles.Select(t => Joined(t, archive, layout)), .. archive._tiles.Select(t => Missing(t, layout)).OfType<Tile>()];
        Layout = layout;
        _tiles.Clear();
        _places.Clear();
        joined.ForEach(Add);
        _space.Commit(this);
    }

    /// <summary>Removes everything. Whoever still reads a document of it hears that the rows are gone.</summary>
    public void Empty()
    {
        IsEmptied = true;
        _tiles.Clear();
        _places.Clear();
    }

    private bool IsTouched(Tile tile, RoundRobinDatabase archive, ArchiveLayout layout) =>
        layout != Layout || tile.Columns.Any(c => archive.Find(c.Name) is not null);

    private Tile Joined(Tile tile, RoundRobinDatabase archive, ArchiveLayout layout)
    {
        if (tile.Columns.Count == 0)
        {
            return new Tile(layout, [], tile.LastStep, _space) { Plugin = tile.Plugin };
        }
        if (!IsTouched(tile, archive, layout))
        {
            return tile;
        }
        var places = tile.Columns.Select(c => archive.Find(c.Name)).ToArray();
        var here = new HistorySide(Layout, [.. tile.Columns.Select((_, i) => ((Tile, int)?)(tile, i))], tile.LastStep);
        var there = new HistorySide(archive.Layout, places, places.Max(p => p?.Tile.LastStep ?? 0));
        bool isNewer = tile.LastStep >= there.LastStep;
        var joined = Tile.Join(layout, tile.Columns, isNewer ? there : here, isNewer ? here : there);
        if (isNewer)
        {
            joined.GoOnFrom(tile);
        }
        return Kept(joined, tile.Plugin);
    }

    /// <summary>The data sources of a tile elsewhere that there are none of here.</summary>
    private Tile? Missing(Tile tile, ArchiveLayout layout)
    {
        var columns = tile.Columns.Index().Where(c => Find(c.Item.Name) is null).ToList();
        if (columns.Count == 0)
        {
            return null;
        }
        if (tile.Layout.Rras.SequenceEqual(layout.Rras))
        {
            var origins = columns.Select(c => new Tile.Origin(c.Item, tile, c.Index));
            return Tile.Compose(layout, tile.LastStep, primary: null, [.. Sorted(origins)], _space);
        }
        var there = new HistorySide(tile.Layout, [.. columns.Select(c => ((Tile, int)?)(tile, c.Index))], tile.LastStep);
        return Kept(Tile.Join(layout, [.. columns.Select(c => c.Item)], there, there), plugin: null);
    }

    /// <summary>A tile in memory of this RRD's own space.</summary>
    private Tile Kept(Tile tile, string? plugin)
    {
        var kept = Tile.Compose(tile.Layout, tile.LastStep, tile, [.. Sorted(tile.Columns.Select((c, i) => new Tile.Origin(c, tile, i)))], _space);
        kept.Plugin = plugin;
        return kept;
    }
}
