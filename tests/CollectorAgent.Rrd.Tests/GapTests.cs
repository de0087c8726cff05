namespace CollectorAgent.Rrd.Tests;

/// <summary>Gaps of any length, and times that make no sense.</summary>
public sealed class GapTests
{
    private readonly Tile _tile = new(ArchiveLayout.AveragesMinMax, [new("g", DataSourceType.Gauge)], 200);

    [Fact]
    public void Gap_of_a_hundred_thousand_years_takes_no_longer_than_any()
    {
        _tile.Take(1000, 1);
        _tile.Take(3.2e12, 2);
        _tile.Take(3.2e12 + 5, 3);

        Assert.Equal([double.NaN, double.NaN, 3], _tile.Newest(0, 3));
        Assert.Equal(640_000_000_001, _tile.LastStep);
    }

    [Fact]
    public void Time_that_is_not_a_number_is_not_newer()
    {
        var fresh = new Tile(ArchiveLayout.Averages, [new("g", DataSourceType.Gauge)], 0);
        _tile.Take(1005, 1);

        Assert.False(_tile.Take(double.NaN, 2));
        Assert.False(fresh.Take(double.NaN, 2));
        Assert.Equal(1005, _tile.LastSampleTime);
        Assert.True(_tile.Take(1010, 3));
    }
}
