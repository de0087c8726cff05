using CollectorAgent.Rrd;

namespace CollectorAgent.Rrd.Tests;

public sealed class TileTests
{
    private static readonly ArchiveLayout Layout = new(5,
    [
        new(ConsolidationFunction.Average, 1, 8, 0.5),
        new(ConsolidationFunction.Average, 3, 4, 0.5),
        new(ConsolidationFunction.Min, 3, 4, 0.5),
        new(ConsolidationFunction.Max, 3, 4, 0.5),
    ]);

    [Fact]
    public void Gauge_sample_that_ends_a_step_is_its_value()
    {
        var tile = new Tile(Layout, [new("g", DataSourceType.Gauge)], 0);

        tile.Update(5.25, [BitConverter.DoubleToInt64Bits(1)], [true]);
        tile.Update(10.25, [BitConverter.DoubleToInt64Bits(2)], [true]);
        tile.Update(15.25, [BitConverter.DoubleToInt64Bits(6)], [true]);

        Assert.Equal([1, 2, 6], Enumerable.Range(0, 3).Select(r => tile.Cell(0, r, 0)));
        Assert.Equal([3, 1, 6], Enumerable.Range(1, 3).Select(rra => tile.Cell(rra, 0, 0)));
    }
}
