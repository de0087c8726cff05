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
        while (_places.Count < DataSources.Count())
        {
            var repeated = Repeated();
            merged += repeated.Count;
            var archive = new RoundRobinDatabase(Layout);
            foreach (var group in repeated.GroupBy(r => r.Tile).ToList())
            {
                var columns = group.Select(r => r.Column).ToHashSet();
                Tile.Origin[] taken = [.. OriginsOf(group.Key).Where(o => columns.Contains(o.Column))];
                archive.Add(Tile.Compose(Layout, group.Key.LastStep, primary: null, taken, TileSpace.Heap));
                Replace(group.Key, [.. OriginsOf(group.Key).Where(o => !columns.Contains(o.Column))]);
            }
            _places.Clear();
            _tiles.ForEach(Register);
            Join(archive);
        }
        return merged;
    }

    /// <summary>Of each name that stands here more than once the place of one that was not heard of last.</summary>
    private List<ColumnPlace> Repeated() =>
    [
        .. _tiles.SelectMany(t => t.Columns.Select((c, i) => (c.Name, Place: new ColumnPlace(t, i))))
            .GroupBy(c => c.Name, c => c.Place).Where(g => g.Skip(1).Any()).Select(g => g.OrderByDescending(p => p.Tile.LastStep).Last()),
    ];
}
