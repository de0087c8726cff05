namespace CollectorAgent.Rrd.Tests;

/// <summary>What DERIVE and COUNTER make of two raw values, step by step of 5 s.</summary>
public sealed class RateTests
{
    private static readonly ArchiveLayout Layout = new(5, [new(ConsolidationFunction.Average, 1, 8, 0.5)]);

    private static Tile TileOf(DataSource column) => new(Layout, [column], 199);

    private static double[] Rates(DataSource column, params double[] values)
    {
        var tile = TileOf(column);
        for (int i = 0; i < values.Length; i++)
        {
            tile.Take(1000 + 5 * i, values[i]);
        }
        return tile.Newest(0, values.Length - 1);
    }

    private static double IntegerRate(DataSourceType type, long first, long second)
    {
        var tile = TileOf(new("d", type) { IsInteger = true });
        tile.TakeInteger(1000, first);
        tile.TakeInteger(1005, second);
        return tile.Newest();
    }

    [Fact]
    public void Rates_are_weighted_by_the_time_they_held_in_a_step()
    {
        var tile = TileOf(new("d", DataSourceType.Derive));
        tile.Take(1000, 0);
        tile.Take(1003, 30);
        tile.Take(1007, 30 + 4 * 20);
        tile.Take(1010, 110);

        Assert.Equal([(3 * 10 + 2 * 20) / 5.0, 2 * 20 / 5.0], tile.Newest(0, 2));
    }

    [Fact]
    public void All_steps_between_two_samples_have_one_value()
    {
        var tile = TileOf(new("d", DataSourceType.Derive));
        tile.Take(1000, 0);
        tile.Take(1015, 30);

        Assert.Equal([2, 2, 2], tile.Newest(0, 3));
    }

    [Fact]
    public void Step_that_was_open_before_a_gap_has_a_mean_of_its_own()
    {
        var tile = TileOf(new("d", DataSourceType.Derive));
        tile.Take(1000, 0);
        tile.Take(1002, 40);
        tile.Take(1016, 40 + 14 * 100);

        Assert.Equal([68, 100, 100], tile.Newest(0, 3));
    }

    [Fact]
    public void Half_a_step_may_be_unknown_but_no_more()
    {
        var tile = TileOf(new("d", DataSourceType.Derive));
        tile.Take(1000, 0);
        tile.Take(1002.5, double.NaN);
        tile.Take(1002.5 + 1 / 8.0, 0);
        tile.Take(1005, 19);
        tile.Take(1007.5, 19);
        tile.Take(1010, double.NaN);

        Assert.Equal([double.NaN, 0], tile.Newest(0, 2));
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(104.9, 100)]
    [InlineData(105.5, double.NaN)]
    public void Derive_that_overshoots_its_maximum_by_less_than_five_percent_is_the_maximum(double rate, double expected) =>
        Assert.Equal([expected], Rates(new("d", DataSourceType.Derive, Max: 100), 0, 5 * rate));

    [Theory]
    [InlineData(DataSourceType.Gauge)]
    [InlineData(DataSourceType.Absolute)]
    [InlineData(DataSourceType.Counter)]
    public void Other_types_may_not_overshoot(DataSourceType type)
    {
        double value = type == DataSourceType.Gauge ? 101 : 505;

        Assert.Equal([double.NaN], Rates(new("d", type, Max: 100), 0, value));
    }

    [Fact]
    public void Overshoot_below_the_minimum_is_unknown() =>
        Assert.Equal([double.NaN], Rates(new("d", DataSourceType.Derive, Min: -100, Max: 0), 0, -505));

    [Fact]
    public void Idle_time_becomes_utilisation() =>
        Assert.Equal([0.75, 0, 1], Rates(new("cpu", DataSourceType.Derive, 0, 1) { Inverse = true }, 0, 1.25, 6.25, 6.25));

    [Fact]
    public void Idle_time_measured_slightly_too_long_is_no_utilisation() =>
        Assert.Equal([0, double.NaN], Rates(new("cpu", DataSourceType.Derive, 0, 1) { Inverse = true }, 0, 5.2, 10.5));

    [Fact]
    public void Inverse_overshoot_is_the_minimum_itself() =>
        Assert.Equal([0.1], Rates(new("cpu", DataSourceType.Derive, 0.1, 1) { Inverse = true }, 0, 5 * 0.92));

    [Fact]
    public void Counter_that_goes_back_is_unknown_where_it_cannot_be_a_wrap() =>
        Assert.Equal([100, double.NaN, 100], Rates(new("c", DataSourceType.Counter, Max: 1000), 0, 500, 10, 510));

    [Fact]
    public void Derive_that_goes_back_is_unknown_where_the_minimum_is_zero() =>
        Assert.Equal([100, double.NaN, 100], Rates(new("d", DataSourceType.Derive, Min: 0), 0, 500, 10, 510));

    [Fact]
    public void Counter_of_doubles_wraps_at_32_bits() =>
        Assert.Equal([30], Rates(new("c", DataSourceType.Counter), uint.MaxValue - 99, 50));

    [Fact]
    public void Counter_wraps_at_32_bits() => Assert.Equal(30, IntegerRate(DataSourceType.Counter, uint.MaxValue - 99, 50));

    [Fact]
    public void Counter_wraps_at_64_bits_to_the_last_unit() => Assert.Equal(30, IntegerRate(DataSourceType.Counter, -100, 50));

    [Fact]
    public void Counter_above_two_to_63_is_unsigned() =>
        Assert.Equal(3, IntegerRate(DataSourceType.Counter, long.MaxValue - 4, unchecked(long.MaxValue + 11)));

    [Fact]
    public void Derive_wraps_between_the_largest_and_the_smallest_integer()
    {
        Assert.Equal(0.2, IntegerRate(DataSourceType.Derive, long.MaxValue, long.MinValue));
        Assert.Equal(-0.2, IntegerRate(DataSourceType.Derive, long.MinValue, long.MaxValue));
        Assert.Equal(long.MaxValue / 5.0, IntegerRate(DataSourceType.Derive, 0, long.MaxValue));
    }

    [Fact]
    public void Rate_beyond_the_range_of_a_double_is_unknown_for_its_own_step_only() =>
        Assert.Equal([double.NaN, 0], Rates(new("d", DataSourceType.Derive), -1.7e308, 1.7e308, 1.7e308));

    [Fact]
    public void Values_at_the_end_of_the_range_are_kept_and_their_average_may_be_unknown()
    {
        var tile = new Tile(
            new(5, [
                new(ConsolidationFunction.Last, 1, 2, 0),
                new(ConsolidationFunction.Average, 2, 2, 0),
                new(ConsolidationFunction.Max, 2, 2, 0),
            ]),
            [new("g", DataSourceType.Gauge)],
            200);
        tile.Take(1005, double.MaxValue);
        tile.Take(1010, double.MaxValue);

        Assert.Equal(double.MaxValue, tile.Newest(0));
        Assert.Equal(double.NaN, tile.Newest(1));
        Assert.Equal(double.MaxValue, tile.Newest(2));
    }

    [Fact]
    public void Silence_up_to_the_heartbeat_speaks_for_the_gap_and_longer_silence_does_not()
    {
        DataSource gauge = new("g", DataSourceType.Gauge, HeartbeatSeconds: 10);
        var tile = new Tile(Layout, [gauge, gauge with { Name = "d", Type = DataSourceType.Derive }], 200);
        tile.Take(1000, 1, 0);
        tile.Take(1010, 2, 50);
        tile.Take(1025, 3, 125);
        tile.Take(1030, 4, 150);

        Assert.Equal([2, 2, double.NaN, double.NaN, double.NaN, 4], tile.Newest(0, 6, 0));
        Assert.Equal([5, 5, double.NaN, double.NaN, double.NaN, 5], tile.Newest(0, 6, 1));
    }

    [Fact]
    public void Absolute_is_a_count_since_the_last_reading() =>
        Assert.Equal([2, 4, double.NaN, double.NaN, 6], Rates(new("a", DataSourceType.Absolute), 99, 10, 20, double.NaN, 7, 30));

    [Fact]
    public void Absolute_counts_of_one_step_are_added_up()
    {
        var tile = TileOf(new("a", DataSourceType.Absolute));
        tile.Take(1000.25, 1);
        tile.Take(1002, 8);
        tile.Take(1005.25, 12);

        Assert.Equal(4, tile.Newest());
    }
}
