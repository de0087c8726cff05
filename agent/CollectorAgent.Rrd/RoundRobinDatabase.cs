namespace CollectorAgent.Rrd;

/// <summary>The history of one owner: its tiles, which share one layout and one time axis.</summary>
/// <remarks>Not safe for concurrent use: take a <see cref="Snapshot"/> to read it elsewhere.</remarks>
public sealed class RoundRobinDatabase(ArchiveLayout layout)
{
    private readonly List<Tile> _tiles = [];

    public ArchiveLayout Layout => layout;

    /// <summary>In the order in which their plugins came; documents list the data sources so.</summary>
    public IReadOnlyList<Tile> Tiles => _tiles;

    /// <summary>The newest step that any tile has ended; 0 where there is no data source.</summary>
    public long LastStep => Populated.Select(t => t.LastStep).DefaultIfEmpty().Max();

    /// <summary>When anything became known last, in Unix seconds; never before the end of <see cref="LastStep"/>.</summary>
    public double LastUpdated => Populated.Select(t => t.LastUpdated).DefaultIfEmpty().Max();

    public IEnumerable<DataSource> DataSources => _tiles.SelectMany(t => t.Columns);

    /// <summary>A tile whose plugin was refused all it reports has nothing to say, and no time of its own.</summary>
    private IEnumerable<Tile> Populated => _tiles.Where(t => t.Columns.Count > 0);

    public void Add(Tile tile)
    {
        if (tile.Layout != layout)
        {
            throw new ArgumentException("a tile of another layout", nameof(tile));
        }
        _tiles.Add(tile);
    }

    /// <summary>Who has a data source, and where.</summary>
    public (Tile Tile, int Column)? Find(string name)
    {
        foreach (var tile in _tiles)
        {
            for (int i = 0; i < tile.Columns.Count; i++)
            {
                if (string.Equals(tile.Columns[i].Name, name, StringComparison.Ordinal))
                {
                    return (tile, i);
                }
            }
        }
        return null;
    }

    /// <summary>Gives a plugin the tile that has all the data sources it reports for this owner.</summary>
    /// <remarks>History that nobody reports for now goes over to it; a name that another plugin reports is refused.</remarks>
    /// <param name="plugin">Who reports them.</param>
    /// <param name="reported">What it reports; the first of a repeated name counts.</param>
    /// <param name="lastStep">The newest step that a tile which does not exist yet has nothing to say about.</param>
    /// <param name="columns">For each reported data source its column in the tile; -1 where it was refused.</param>
    public Tile Claim(string plugin, IReadOnlyList<DataSource> reported, long lastStep, Span<int> columns)
    {
        var own = _tiles.Find(t => t.Plugin == plugin);
        var free = _tiles.Where(t => t.Plugin is null).ToList();
        var origins = own is null ? [] : own.Columns.Select((c, i) => new Tile.Origin(c, own, i)).ToList();
        var columnOf = origins.Index().ToDictionary(o => o.Item.Definition.Name, o => o.Index);
        var claimed = new HashSet<string>();
        bool isChanged = own is null;
        for (int i = 0; i < reported.Count; i++)
        {
            var definition = reported[i];
            if (!claimed.Add(definition.Name))
            {
                columns[i] = -1;
                continue;
            }
            if (columnOf.TryGetValue(definition.Name, out columns[i]))
            {
                isChanged |= origins[columns[i]].Definition != definition;
                origins[columns[i]] = origins[columns[i]] with { Definition = definition };
                continue;
            }
            var holder = Find(definition.Name);
            if (holder is { } other && other.Tile.Plugin is not null)
            {
                columns[i] = -1;
                continue;
            }
            isChanged = true;
            columns[i] = origins.Count;
            origins.Add(new Tile.Origin(definition, holder?.Tile, holder?.Column ?? 0));
        }
        return isChanged ? Recompose(plugin, own, free, origins, lastStep) : own!;
    }

    /// <summary>Nobody reports the data sources of this plugin any more; their history stays and can be claimed.</summary>
    public void Release(string plugin)
    {
        _tiles.RemoveAll(t => t.Plugin == plugin && t.Columns.Count == 0);
        foreach (var tile in _tiles.Where(t => t.Plugin == plugin))
        {
            tile.Plugin = null;
        }
    }

    /// <summary>Removes a data source with its history; its tile is another one afterwards.</summary>
    /// <returns>False where there is none of that name.</returns>
    public bool Remove(string name)
    {
        if (Find(name) is not { } found)
        {
            return false;
        }
        Replace(found.Tile, [.. found.Tile.Columns.Select((c, i) => new Tile.Origin(c, found.Tile, i)).Where(o => o.Column != found.Column)]);
        return true;
    }

    /// <summary>A copy whose tiles have all ended the same step: what a tile has not heard of is unknown there.</summary>
    public RoundRobinDatabase Snapshot()
    {
        var copy = new RoundRobinDatabase(layout);
        long step = LastStep;
        foreach (var tile in _tiles)
        {
            var clone = tile.Clone();
            if (clone.LastStep < step)
            {
                clone.EndUnknown(step);
            }
            copy._tiles.Add(clone);
        }
        return copy;
    }

    /// <summary>The CDPs of one row over all data sources, in their order; unknown where a tile does not have it.</summary>
    public void CopyRow(int rra, long row, Span<double> values)
    {
        foreach (var tile in _tiles)
        {
            tile.CopyRow(rra, row, values);
            values = values[tile.Columns.Count..];
        }
    }

    private Tile Recompose(string plugin, Tile? own, List<Tile> free, List<Tile.Origin> origins, long lastStep)
    {
        var sources = origins.Select(o => o.Tile).Append(own).OfType<Tile>().Distinct().ToList();
        // A tile with history that went on until now goes on; otherwise the new one starts where it is told.
        var primary = own ?? sources.MaxBy(t => t.LastStep);
        long step = sources.Select(t => t.LastStep).DefaultIfEmpty(lastStep).Max();
        foreach (var source in sources.Where(s => s.LastStep < step))
        {
            source.EndUnknown(step);
        }
        var tile = Tile.Compose(layout, step, primary, origins);
        tile.Plugin = plugin;
        if (own is not null)
        {
            _tiles[_tiles.IndexOf(own)] = tile;
        }
        else
        {
            _tiles.Add(tile);
        }
        foreach (var donor in free.Where(sources.Contains))
        {
            Replace(donor, [.. donor.Columns.Select((c, i) => new Tile.Origin(c, donor, i))
                .Where(o => !origins.Any(x => x.Tile == donor && x.Column == o.Column))]);
        }
        return tile;
    }

    private void Replace(Tile tile, List<Tile.Origin> remaining)
    {
        int index = _tiles.IndexOf(tile);
        if (remaining.Count == 0)
        {
            _tiles.RemoveAt(index);
            return;
        }
        _tiles[index] = Tile.Compose(layout, tile.LastStep, tile, remaining);
        _tiles[index].Plugin = tile.Plugin;
    }
}
