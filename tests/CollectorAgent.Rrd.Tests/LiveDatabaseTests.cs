namespace CollectorAgent.Rrd.Tests;

/// <summary>Data sources that come and go while their RRD is recorded.</summary>
public sealed class LiveDatabaseTests
{
    private static readonly ArchiveLayout Layout = new(5,
    [
        new(ConsolidationFunction.Average, 1, 8, 0.5),
        new(ConsolidationFunction.Average, 3, 4, 0.5),
    ]);

    private readonly RoundRobinDatabase _database = new(Layout);

    private Tile Claim(string plugin, params DataSource[] reported) =>
        _database.Claim(plugin, reported, 199, new int[reported.Length]);

    [Fact]
    public void Added_data_source_is_unknown_before_it_came_and_leaves_the_others_alone()
    {
        var tile = Claim("p", new DataSource("x", DataSourceType.Gauge));
        tile.Take(1000, 1);
        tile.Take(1005, 2);
        tile = Claim("p", new("x", DataSourceType.Gauge), new("y", DataSourceType.Gauge));
        tile.Take(1010, 3, 5);
        tile.Take(1015, 4, 6);

        Assert.Equal([1, 2, 3, 4], tile.Newest(0, 4, 0));
        Assert.Equal([double.NaN, double.NaN, 5, 6], tile.Newest(0, 4, 1));
        Assert.Equal(new CdpScratch((5 + 6) / 3.0, 0), tile.Scratch(1, 1));
    }

    [Fact]
    public void Removed_data_source_takes_its_history_along_and_no_other()
    {
        var tile = Claim("p", new("x", DataSourceType.Derive), new("y", DataSourceType.Absolute), new("z", DataSourceType.Gauge));
        tile.Take(1000, 0, 0, 1);
        tile.Take(1003, 15, double.NaN, 2);
        tile.Take(1004, double.NaN, 3, 2);
        Assert.True(_database.Remove("z"));
        Assert.False(_database.Remove("z"));
        tile = _database.Tiles[0];
        tile.Take(1004.5, 41, 3);
        tile.Take(1005, 50, 3);

        Assert.Equal(["x", "y"], _database.DataSources.Select(d => d.Name));
        Assert.Equal("p", tile.Plugin);
        Assert.Equal((15 + 9) / 3.5, tile.Newest(0, 1, 0)[0]);
        Assert.Equal(double.NaN, tile.Newest(0, 1, 1)[0]);
    }

    [Fact]
    public void Tile_goes_with_its_last_data_source()
    {
        Claim("p", new DataSource("x", DataSourceType.Gauge));
        _database.Remove("x");

        Assert.Empty(_database.Tiles);
        Assert.Equal(0, _database.LastStep);
    }

    [Fact]
    public void Name_that_another_plugin_reports_is_refused()
    {
        Claim("p", new DataSource("x", DataSourceType.Gauge));
        int[] columns = new int[3];
        var tile = _database.Claim(
            "q",
            [new("x", DataSourceType.Gauge), new("y", DataSourceType.Gauge), new("y", DataSourceType.Counter)],
            199,
            columns);

        Assert.Equal([-1, 0, -1], columns);
        Assert.Equal([new DataSource("y", DataSourceType.Gauge)], tile.Columns);
    }

    [Fact]
    public void History_that_nobody_reports_goes_over_to_the_plugin_that_does()
    {
        var tile = Claim("p", new("x", DataSourceType.Derive), new("y", DataSourceType.Gauge));
        tile.Take(1000, 0, 1);
        tile.Take(1005, 5, 2);
        _database.Release("p");
        tile = Claim("q", new DataSource("x", DataSourceType.Derive));
        tile.Take(1010, 15);

        Assert.Equal([double.NaN, 1, 2], tile.Newest(0, 3));
        Assert.Equal(["q", null], _database.Tiles.Select(t => t.Plugin).OrderDescending());
        var (free, column) = Assert.NotNull(_database.Find("y"));
        Assert.Equal([1, 2], free.Newest(0, 2, column));
    }

    [Fact]
    public void Same_claim_again_changes_nothing()
    {
        var tile = Claim("p", new DataSource("x", DataSourceType.Gauge));

        Assert.Same(tile, Claim("p", new DataSource("x", DataSourceType.Gauge)));
    }

    [Fact]
    public void Data_source_of_another_type_starts_anew_with_its_history()
    {
        var tile = Claim("p", new DataSource("x", DataSourceType.Gauge));
        tile.Take(1000, 1);
        tile.Take(1005, 2);
        tile = Claim("p", new DataSource("x", DataSourceType.Derive));
        tile.Take(1010, 100);
        tile.Take(1015, 110);

        Assert.Equal([1, 2, double.NaN, 2], tile.Newest(0, 4));
    }

    [Fact]
    public void Counter_that_turns_out_to_be_an_integer_goes_on_above_two_to_63()
    {
        var tile = Claim("p", new DataSource("x", DataSourceType.Counter));
        tile.Take(1000, Math.Pow(2, 63) + 4096);
        tile = Claim("p", new DataSource("x", DataSourceType.Counter) { IsInteger = true });
        tile.TakeInteger(1005, unchecked((long)((1UL << 63) + 4096 + 50)));

        Assert.Equal(10, tile.Newest());
    }

    [Fact]
    public void Plugin_that_is_behind_the_history_it_claims_goes_on_after_it()
    {
        Claim("p", new DataSource("x", DataSourceType.Gauge)).Take(1050, 1);
        _database.Release("p");
        Claim("q");
        var tile = Claim("q", new DataSource("x", DataSourceType.Gauge));

        Assert.False(tile.Take(1045, 2));
        Assert.True(tile.Take(1055, 3));
        Assert.Equal([1, 3], tile.Newest(0, 2));
    }

    [Fact]
    public void Snapshot_brings_all_tiles_to_one_step_and_leaves_the_original()
    {
        var early = Claim("p", new DataSource("x", DataSourceType.Gauge));
        var late = Claim("q", new DataSource("y", DataSourceType.Gauge));
        early.Take(1000, 1);
        late.Take(1000, 2);
        early.Take(1005, 3);
        var snapshot = _database.Snapshot();
        late.Take(1005, 4);

        Assert.Equal([1, 2], snapshot.Row(0, 199));
        Assert.Equal([3, double.NaN], snapshot.Row(0, 200));
        Assert.Equal([2, 4], late.Newest(0, 2));
        Assert.Equal([201, 201], snapshot.Tiles.Select(t => t.LastStep));
    }

    [Fact]
    public void Snapshot_keeps_its_rows_while_recording_goes_on_and_its_tiles_are_composed_anew()
    {
        var tile = Claim("p", new DataSource("x", DataSourceType.Gauge), new DataSource("y", DataSourceType.Gauge));
        tile.Take(1000, 1, 2);
        tile.Take(1005, 3, 4);
        var snapshot = _database.Snapshot();
        tile.Take(1010, 5, 6);
        tile = Claim("p", new DataSource("z", DataSourceType.Derive));
        _database.Remove("x");

        Assert.Equal([double.NaN, 2], snapshot.Row(0, 199));
        Assert.Equal([double.NaN, 4], snapshot.Row(0, 200));
        Assert.Equal([double.NaN, double.NaN], snapshot.Row(0, 201));
        Assert.Equal(3, snapshot.Tiles[0].Scratch(0).Value);
    }

    [Fact]
    public void Snapshot_says_so_when_a_row_has_been_overwritten_before_it_was_read()
    {
        var tile = Claim("p", new DataSource("x", DataSourceType.Gauge));
        int rows = _database.Layout.Rras[0].Rows;
        for (int i = 0; i < rows; i++)
        {
            tile.Take(1000 + 5 * i, i);
        }
        var snapshot = _database.Snapshot();
        for (int i = rows; i < rows + 4; i++)
        {
            tile.Take(1000 + 5 * i, i);
        }

        Assert.Equal([0], snapshot.Row(0, 199));

        tile.Take(1000 + 5 * (rows + 4), 1);

        Assert.Throws<TimeoutException>(() => snapshot.Row(0, 199));
        Assert.Equal([1], snapshot.Row(0, 200));
    }
}
