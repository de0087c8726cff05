namespace CollectorAgent.Rrd;

public sealed partial class RoundRobinDatabase
{
    /// <summary>Makes one data source of those that have the same name: the one that was heard of last goes on, and knows what the others
    /// knew.</summary>
    /// <remarks>Names that differed once can have become the same, see <see cref="DataSource.NameOf"/>.</remarks>
    /// <returns>How many were taken up in others.</returns>
    public int MergeRepeated()
    {
        int merged = 0;
        while (Repeated() is { Count: > 0 } repeated)
        {
            merged += repeated.Count;
            var archive = new RoundRobinDatabase(Layout);
            foreach (var group in repeated.GroupBy(r => r.Tile).ToList())
            {
                var columns = group.Select(r => r.Column).ToHashSet();
                archive.Add(Tile.Compose(Layout, group.Key.LastStep, primary: null, Origins(group.Key, columns.Contains), TileSpace.Heap));
                TakeOut(group.Key, columns);
            }
            _places.Clear();
            _tiles.ForEach(Register);
            Join(archive);
        }
        return merged;
    }

    /// <summary>Of each name that stands here more than once the place of one that was not heard of last.</summary>
    private List<(Tile Tile, int Column)> Repeated() =>
    [
        .. _tiles.SelectMany(t => t.Columns.Select((c, i) => (c.Name, Place: (Tile: t, Column: i))))
            .GroupBy(c => c.Name, c => c.Place).Where(g => g.Skip(1).Any()).Select(g => g.OrderByDescending(p => p.Tile.LastStep).Last()),
    ];

    private void TakeOut(Tile tile, HashSet<int> columns)
    {
        int index = _tiles.IndexOf(tile);
        var remaining = Origins(tile, c => !columns.Contains(c));
        if (remaining.Count == 0)
        {
            _tiles.RemoveAt(index);
            return;
        }
        _tiles[index] = Tile.Compose(Layout, tile.LastStep, tile, remaining, _space);
        _tiles[index].Plugin = tile.Plugin;
    }

    private static List<Tile.Origin> Origins(Tile tile, Func<int, bool> isWanted) =>
        [.. tile.Columns.Select((c, i) => new Tile.Origin(c, tile, i)).Where(o => isWanted(o.Column))];
}
