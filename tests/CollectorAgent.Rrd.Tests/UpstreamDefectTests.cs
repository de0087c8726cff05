using CollectorAgent.Rrd.Tests.Histories;
using CollectorAgent.TestKit;

namespace CollectorAgent.Rrd.Tests;

/// <summary>Defects of xcp-rrdd that this engine does not have, by their rows in the list of them. What of them lies in documents is
/// tested where documents are.</summary>
public sealed class UpstreamDefectTests
{
    private const double Unknown = double.NaN;

    private static readonly ArchiveLayout Layout = new(5,
    [
        new(ConsolidationFunction.Average, 1, 8, 0.5),
        new(ConsolidationFunction.Average, 3, 3, 1),
        new(ConsolidationFunction.Min, 3, 3, 1),
        new(ConsolidationFunction.Max, 3, 3, 1),
    ]);

    /// <summary>Samples just behind the ends of the steps from 1005 on; the first row of three begins there.</summary>
    private static Tile Sampled(DataSource column, params double[] values)
    {
        var tile = new Tile(Layout, [column], 200);
        for (int i = 0; i < values.Length; i++)
        {
            tile.Take(1005.25 + 5 * i, values[i]);
        }
        return tile;
    }

    [Fact]
    public void Row_14_unknown_gauge_is_unknown_not_zero() =>
        Assert.Equal([7, Unknown, Unknown, 8], Sampled(new("g", DataSourceType.Gauge, 0), 7, Unknown, Unknown, 8).Newest(0, 4));

    [Fact]
    public void Row_14_gauge_above_its_maximum_is_unknown_not_stale() =>
        Assert.Equal([7, Unknown, Unknown, 8], Sampled(new("g", DataSourceType.Gauge, 0, 10), 7, 11, 10.2, 8).Newest(0, 4));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Row_14_unknown_derive_is_unknown_not_the_rate_before(bool isInteger)
    {
        var column = new DataSource("d", DataSourceType.Derive, 0) { IsInteger = isInteger };

        Assert.Equal([100, Unknown, Unknown, 100], Sampled(column, 0, 500, Unknown, 1500, 2000).Newest(0, 4));
    }

    [Fact]
    public void Row_15_row_without_any_known_pdp_is_unknown_whatever_xff_says()
    {
        var tile = Sampled(new("g", DataSourceType.Gauge, -5, 10), 1, Unknown, Unknown, Unknown, 2);

        Assert.Equal([Unknown, Unknown, Unknown], Enumerable.Range(1, 3).Select(tile.Newest));
    }

    [Fact]
    public void Row_15_minimum_and_maximum_are_not_scaled_by_unknowns()
    {
        var tile = Sampled(new("g", DataSourceType.Gauge), 0, 80, Unknown, 100);

        Assert.Equal([90, 80, 100], Enumerable.Range(1, 3).Select(tile.Newest));
    }

    [Fact]
    public void Row_15_average_is_that_of_the_known_pdps_wherever_the_unknown_are()
    {
        Assert.Equal(6, Sampled(new("g", DataSourceType.Gauge), 0, Unknown, 4, 8).Newest(1));
        Assert.Equal(6, Sampled(new("g", DataSourceType.Gauge), 0, 4, 8, Unknown).Newest(1));
    }

    [Fact]
    public void Row_15_nothing_leaks_into_the_next_row()
    {
        var tile = Sampled(new("g", DataSourceType.Gauge), 0, 1, 50, 99, 20, 30, 40);

        Assert.Equal([20, 40], Enumerable.Range(2, 2).Select(tile.Newest));
    }

    [Fact]
    public void Row_16_rate_after_a_long_gap_is_not_doubled()
    {
        var tile = Sampled(new("d", DataSourceType.Derive, 0), 0, 500);
        tile.Take(1410.25, 40_500);
        tile.Take(1415.25, 41_000);
        tile.Take(1420.25, 41_500);

        Assert.Equal([Unknown, 100, 100], tile.Newest(0, 3));
    }

    [Fact]
    public void Row_16_second_sample_of_one_time_changes_nothing()
    {
        var tile = Sampled(new("d", DataSourceType.Derive, 0), 0, 500);

        Assert.False(tile.Take(1010.25, 900));
        tile.Take(1015.25, 1000);
        Assert.Equal([100, 100], tile.Newest(0, 2));
    }

    [Fact]
    public void Row_16_counter_that_was_reset_is_unknown_not_negative()
    {
        var tile = Sampled(new("d", DataSourceType.Derive, 0) { IsInteger = true }, 0, 500, 10, 510, 1010);

        Assert.Equal([100, Unknown, 100, 100], tile.Newest(0, 4));
    }

    [Fact]
    public void Row_17_columns_of_two_plugins_are_in_the_same_row_for_the_same_step()
    {
        var database = new RoundRobinDatabase(Layout);
        var early = database.ClaimTile("early", [new("x", DataSourceType.Gauge)], 200, new int[1]);
        var late = database.ClaimTile("late", [new("y", DataSourceType.Gauge)], 200, new int[1]);
        for (int i = 1; i <= 4; i++)
        {
            early.Update(999.875 + 5 * i, [Samples.Bits(i)], [true], 200 + i);
            late.Take(1000.125 + 5 * i, i);
        }

        var snapshot = database.Snapshot();
        Assert.Equal([204, 204], snapshot.Tiles.Select(t => t.LastStep));
        for (int i = 1; i <= 4; i++)
        {
            Assert.Equal([i, i], snapshot.Row(0, 199 + i));
        }
    }

    [Fact]
    public void Row_18_clock_that_steps_back_rewrites_no_row_and_does_not_stop_the_recording()
    {
        var tile = Sampled(new("g", DataSourceType.Gauge), 1, 2, 3);
        tile.StartAnew();

        Assert.False(tile.Take(910.25, 9));
        Assert.False(tile.Take(1014.75, 9));
        Assert.Equal(203, tile.LastStep);
        Assert.Equal([1, 2, 3], tile.Newest(0, 3));

        Assert.True(tile.Take(1020.25, 4));
        Assert.Equal([1, 2, 3, 4], tile.Newest(0, 4));
    }

    [Fact]
    public void Row_18_no_rate_is_measured_across_a_step_of_the_clock()
    {
        var tile = Sampled(new("d", DataSourceType.Derive), 0, 500);
        tile.StartAnew();
        Assert.Null(tile.Scratch(0).Previous);
        tile.Take(1012, 500);
        tile.Take(1015, 800);

        Assert.Equal([100, 100], tile.Newest(0, 2));
        Assert.Equal(1015, tile.LastUpdated);
    }

    [Fact]
    public void Row_35_stored_values_are_64_bits_wide()
    {
        const double Large = 9_007_199_254_740_991;
        var tile = Sampled(new("g", DataSourceType.Gauge), 16_777_217, 0.1, Large).SavedAndLoaded();

        Assert.Equal([16_777_217, 0.1, Large], tile.Newest(0, 3));
    }

    [Fact]
    public void Row_35_unknown_fractions_of_a_second_and_the_last_raw_value_survive_a_reload()
    {
        var tile = Sampled(new("d", DataSourceType.Derive), 0, Unknown, 500).SavedAndLoaded();

        Assert.Equal(new PdpScratch(Samples.Bits(500), 0, 0.25), tile.Scratch(0));
        tile.Take(1020.25, 1000);
        Assert.Equal(100, tile.Newest());
    }

    [Fact]
    public void Row_36_plugin_without_data_sources_has_no_time_in_its_rrd()
    {
        var database = new RoundRobinDatabase(Layout);
        database.Claim("empty", [], 300, []);
        database.Add(new Tile(Layout, [], 300));

        Assert.Equal(0, database.LastStep);
        Assert.Equal(0, database.LastUpdated);

        var tile = database.ClaimTile("full", [new("x", DataSourceType.Gauge)], 200, new int[1]);
        tile.Take(1005.25, 1);

        Assert.Equal(201, database.LastStep);
        Assert.Equal(1005.25, database.LastUpdated);
        Assert.Equal([1], database.Snapshot().Row(0, 200));
    }

    [Fact]
    public void Row_37_negative_minimum_survives_a_reload()
    {
        var tile = Sampled(new("celsius", DataSourceType.Gauge, -40, 60), -5, -41, -40, -3).SavedAndLoaded();
        tile.Take(1025.25, -20);

        Assert.Equal([-5, Unknown, -40, -3, -20], tile.Newest(0, 5));
        Assert.Equal(-40, tile.Newest(2));
    }
}
