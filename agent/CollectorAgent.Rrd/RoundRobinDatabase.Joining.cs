namespace CollectorAgent.Rrd;

public sealed partial class RoundRobinDatabase
{
    /// <summary>It is recorded no longer, and nothing of it is there.</summary>
    public bool IsEmptied { get; private set; }

    /// <summary>Takes in what another RRD of the same owner knows. Each row has afterwards what either knew of it; where both did, the
    /// consolidation of both. Doing it twice changes nothing.</summary>
    /// <remarks>What only the other one has is reported by nobody here, and its counters start anew.</remarks>
    /// <param name="archive">Of steps of the same length; left as it is.</param>
    public void Join(RoundRobinDatabase archive)
    {
        var layout = Layout.UnionWith(archive.Layout);
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

    private Tile Joined(Tile tile, RoundRobinDatabase archive, ArchiveLayout layout)
    {
        var places = tile.Columns.Select(c => archive.Find(c.Name)).ToArray();
        if (layout == Layout && places.All(p => p is null))
        {
            return tile;
        }
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
