using CollectorAgent.TestKit;

namespace CollectorAgent.Rrd.Tests;

/// <summary>History from elsewhere, as far as it is of use here.</summary>
public sealed class ConfiningTests
{
    private const int Step = 5;
    private const long First = 17_280 * 100;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(600)]
    [InlineData(1500)]
    public void History_that_is_cut_is_what_it_was_then(int ahead)
    {
        var rrd = Recorded(2000 + ahead);
        var then = Recorded(2000);

        var cut = rrd.Confined(First + 2000);

        Assert.Equal(First + 2000, cut.LastStep);
        var (tile, expected) = (cut.Tiles[0], then.Tiles[0]);
        for (int rra = 0; rra < tile.Layout.Rras.Count; rra++)
        {
            long newest = expected.NewestRow(rra);
            // The oldest rows of the ring had to make room for those that were cut.
            long oldest = newest - tile.Layout.Rras[rra].Rows + 1 + (ahead / tile.Layout.Rras[rra].PdpPerCdp) + 1;
            for (long row = Math.Max(oldest, First / tile.Layout.Rras[rra].PdpPerCdp); row <= newest + 1; row++)
            {
                Assert.Equal(expected.Cell(rra, row, 0), tile.Cell(rra, row, 0));
            }
            // A minute is gathered from its PDPs, which the ring may hold no longer.
            if (tile.Layout.Rras[rra].PdpPerCdp > 12 || ahead < 120)
            {
                Assert.Equal(expected.Scratch(rra, 0).UnknownPdps, tile.Scratch(rra, 0).UnknownPdps);
            }
        }
        Assert.Equal(double.NaN, tile.LastSampleTime);
    }

    [Fact]
    public void Unfinished_rows_that_are_cut_keep_their_mean()
    {
        var rrd = new RoundRobinDatabase(ArchiveLayout.AveragesMinMax);
        rrd.Add(new Tile(rrd.Layout, [new("x", DataSourceType.Gauge)], First));
        Fill(rrd.Tiles[0], First + 9000, _ => 7);

        var cut = rrd.Confined(First + 8000).Tiles[0];
        Fill(cut, First + 17_280, _ => 7);

        for (int rra = 0; rra < cut.Layout.Rras.Count; rra++)
        {
            Assert.Equal(7, cut.Cell(rra, cut.NewestRow(rra), 0), 1e-9);
        }
    }

    [Fact]
    public void Rings_longer_than_standard_ones_are_cut()
    {
        var layout = new ArchiveLayout(Step,
        [
            new RraDefinition(ConsolidationFunction.Average, 1, 4000, 0.5),
            new RraDefinition(ConsolidationFunction.Last, 7, 5000, 0.5),
            new RraDefinition(ConsolidationFunction.Average, 12, 30, 0.5),
        ]);
        var rrd = new RoundRobinDatabase(layout);
        rrd.Add(new Tile(layout, [new("x", DataSourceType.Gauge)], First));
        Fill(rrd.Tiles[0], First + 3000, step => step - First);

        var confined = rrd.Confined(long.MaxValue);

        Assert.Equal([120, 366, 30], confined.Layout.Rras.Select(r => r.Rows));
        Assert.Equal(2881, confined.Tiles[0].Cell(0, First + 2880, 0));
        Assert.Equal(rrd.LastUpdated, confined.LastUpdated);
        Assert.Same(confined, confined.Confined(long.MaxValue));
    }

    [Fact]
    public void Join_of_more_than_a_join_may_write_is_refused_and_changes_nothing()
    {
        var layout = new ArchiveLayout(Step, [.. Enumerable.Range(2, 60).Select(p => new RraDefinition(ConsolidationFunction.Average, p, 366, 0.5))]);
        var archive = new RoundRobinDatabase(layout);
        archive.Add(new Tile(layout, [.. Enumerable.Range(0, 4000).Select(i => new DataSource($"x{i}", DataSourceType.Gauge))], First));
        var live = Recorded(10);

        var refused = Assert.Throws<ArgumentException>(() => live.Join(archive));

        Assert.Contains("the limit is", refused.Message, StringComparison.Ordinal);
        Assert.Equal(["x"], live.DataSources.Select(s => s.Name));
        Assert.Equal(ArchiveLayout.AveragesMinMax, live.Layout);
    }

    [Fact]
    public void Layout_of_a_join_has_no_more_rras_than_a_file_can_name()
    {
        var foreign = new ArchiveLayout(Step, Enumerable.Range(2, ArchiveLayout.MaxRras).Select(p => new RraDefinition(ConsolidationFunction.Last, p, 3, 0.5)));

        var union = ArchiveLayout.AveragesMinMax.UnionWith(foreign);

        Assert.Equal(ArchiveLayout.MaxRras, union.Rras.Count);
        Assert.All(ArchiveLayout.AveragesMinMax.Rras, r => Assert.Contains(r, union.Rras));
    }

    [Fact]
    public void Tile_that_was_refused_all_its_columns_is_no_obstacle_to_a_join_of_another_layout()
    {
        var live = new RoundRobinDatabase(ArchiveLayout.Averages);
        live.ClaimTile("first", [new("x", DataSourceType.Gauge)], First, new int[1]);
        live.Add(new Tile(live.Layout, [], First));

        live.Join(Recorded(10));

        Assert.Equal(10, live.Layout.Rras.Count);
        Assert.Equal(["x"], live.DataSources.Select(s => s.Name));
    }

    private static RoundRobinDatabase Recorded(int steps)
    {
        var rrd = new RoundRobinDatabase(ArchiveLayout.AveragesMinMax);
        rrd.Add(new Tile(rrd.Layout, [new("x", DataSourceType.Gauge)], First));
        Fill(rrd.Tiles[0], First + steps, step => new Random((int)step).NextDouble());
        return rrd;
    }

    private static void Fill(Tile tile, long through, Func<long, double> value)
    {
        while (tile.LastStep < through)
        {
            long step = tile.LastStep + 1;
            tile.Update(step * Step, [BitConverter.DoubleToInt64Bits(value(step))], [true]);
        }
    }
}
