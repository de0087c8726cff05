namespace CollectorAgent.Rrd.Tests;

/// <summary>How many unknown PDPs a CDP bears.</summary>
public sealed class ConsolidationTests
{
    private static double Consolidated(double xff, int known, int of)
    {
        var tile = new Tile(new(1, [new(ConsolidationFunction.Average, of, 1, xff)]), [new("g", DataSourceType.Gauge)], 0);
        for (int step = 1; step <= of; step++)
        {
            tile.Take(step, step <= known ? 7 : double.NaN);
        }
        return tile.Newest();
    }

    [Theory]
    [InlineData(0.5, 6, 12)]
    [InlineData(0.25, 9, 12)]
    [InlineData(0, 12, 12)]
    [InlineData(1 / 3.0, 2, 3)]
    [InlineData(0.57, 43, 100)]
    [InlineData(0.29, 71, 100)]
    [InlineData(1, 1, 12)]
    public void Cdp_is_unknown_when_more_than_xff_of_it_is(double xff, int needed, int of)
    {
        Assert.Equal(7, Consolidated(xff, needed, of));
        Assert.Equal(double.NaN, Consolidated(xff, needed - 1, of));
    }
}
