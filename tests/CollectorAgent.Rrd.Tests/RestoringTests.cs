using CollectorAgent.Rrd.Tests.Histories;

namespace CollectorAgent.Rrd.Tests;

/// <summary>What a tile takes from a document, and what it does not believe.</summary>
public sealed class RestoringTests
{
    private static readonly ArchiveLayout Layout = new(5,
    [
        new(ConsolidationFunction.Average, 1, 8, 0.5),
        new(ConsolidationFunction.Average, 3, 4, 1),
        new(ConsolidationFunction.Min, 3, 4, 1),
        new(ConsolidationFunction.Max, 3, 4, 1),
        new(ConsolidationFunction.Last, 3, 4, 1),
    ]);

    [Theory]
    [InlineData(DataSourceType.Derive, 6.5)]
    [InlineData(DataSourceType.Counter, 6.5)]
    [InlineData(DataSourceType.Gauge, 50)]
    public void Known_part_of_a_step_survives_an_unknown_sample_and_a_reload(DataSourceType type, double expected)
    {
        var tile = new Tile(Layout, [new("x", type)], 199);
        tile.Take(1000, 0);
        tile.Take(1003, 15);
        tile.Take(1004, double.NaN);
        var loaded = tile.SavedAndLoaded();

        foreach (var t in new[] { tile, loaded })
        {
            t.Take(1004.5, 41);
            t.Take(1005, 50);
            t.Take(1010, 50);
        }

        Assert.Equal(tile.Newest(0, 2), loaded.Newest(0, 2));
        Assert.Equal(type == DataSourceType.Gauge ? expected : (15 + 9) / 3.5, loaded.Newest(0, 2)[0]);
    }

    [Fact]
    public void Absolute_that_is_sampled_within_a_step_counts_from_there_after_a_reload()
    {
        var tile = new Tile(Layout, [new("a", DataSourceType.Absolute)], 199);
        tile.Take(1000, 0);
        tile.Take(1003, 15);
        var loaded = tile.SavedAndLoaded();
        loaded.Take(1005, 4);

        Assert.Equal(2, loaded.Newest());
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.NaN)]
    public void Cell_that_is_no_number_is_unknown(double value)
    {
        var tile = new Tile(Layout, [new("x", DataSourceType.Gauge)], 10);
        tile.RestoreRow(0, 9, [value]);

        Assert.Equal(double.NaN, tile.Newest());
    }

    [Theory]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NaN)]
    [InlineData(150)]
    public void Row_that_cannot_be_becomes_unknown(double value)
    {
        var tile = new Tile(Layout, [new("x", DataSourceType.Gauge, Max: 100)], 11);
        var scratch = new CdpScratch(value, 1);
        tile.RestorePreparations([[new(0, 0), new(double.NaN, 1), scratch, scratch, scratch]]);
        tile.Take(60, double.NaN);

        Assert.Equal([double.NaN, double.NaN, double.NaN, double.NaN], Enumerable.Range(1, 4).Select(tile.Newest));

        tile.Take(65, 7);
        tile.Take(70, 7);
        tile.Take(75, 7);
        Assert.Equal([7, 7, 7, 7], Enumerable.Range(1, 4).Select(tile.Newest));
    }

    [Fact]
    public void Sum_that_left_the_range_of_a_double_stays_unknown_after_a_reload()
    {
        var tile = new Tile(Layout, [new("x", DataSourceType.Gauge)], 9);
        tile.Take(50, double.MaxValue);
        tile.Take(55, double.MaxValue);
        var loaded = tile.SavedAndLoaded();
        tile.Take(60, 1);
        loaded.Take(60, 1);

        Assert.Equal(double.NaN, tile.Newest(1));
        Assert.Equal(double.NaN, loaded.Newest(1));
        Assert.Equal(1, loaded.Newest(2));
    }

    [Theory]
    [InlineData(49)]
    [InlineData(60)]
    [InlineData(double.NaN)]
    public void Sample_time_that_cannot_be_the_last_one_starts_anew(double time)
    {
        var tile = new Tile(Layout, [new("d", DataSourceType.Derive)], 11);
        tile.RestoreSample(time, [new PdpScratch(Samples.Bits(1), 0, 0)]);

        Assert.Equal(double.NaN, tile.LastSampleTime);
        Assert.Equal(new PdpScratch(null, 0, 0), tile.Scratch(0));
    }
}
