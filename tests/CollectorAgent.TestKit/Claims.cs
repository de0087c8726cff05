using CollectorAgent.Rrd;

namespace CollectorAgent.TestKit;

/// <summary>Claims of data sources that all lie in one tile, as those of tests do.</summary>
public static class Claims
{
    /// <param name="columns">For each reported data source its column; -1 where it was refused.</param>
    public static Tile ClaimTile(this RoundRobinDatabase rrd, string plugin, IReadOnlyList<DataSource> reported, long lastStep, Span<int> columns)
    {
        var places = new ColumnPlace?[reported.Count];
        rrd.Claim(plugin, reported, lastStep, places);
        for (int i = 0; i < columns.Length; i++)
        {
            columns[i] = places[i]?.Column ?? -1;
        }
        return places.OfType<ColumnPlace>().Select(p => p.Tile).Distinct().Single();
    }
}
