using CollectorAgent.TestKit;

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
        _database.ClaimTile(plugin, reported, 199, new int[reported.Length]);

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
        var tile = _database.ClaimTile(
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
        tile.Take(1010, 15, double.NaN);

        Assert.Equal([double.NaN, 1, 2], tile.Newest(0, 3));
        Assert.Equal(["q"], _database.Tiles.Select(t => t.Plugin));
        var (left, column) = Assert.NotNull(_database.Find("y"));
        Assert.Equal([1, 2, double.NaN], left.Newest(0, 3, column));
    }

    [Fact]
    public void What_a_plugin_left_over_goes_to_another_that_reports_it()
    {
        Claim("p", new("x", DataSourceType.Gauge), new("y", DataSourceType.Gauge)).Take(1005, 1, 2);
        var p = Claim("p", new DataSource("x", DataSourceType.Gauge));
        p.Take(1010, 3, double.NaN);
        var q = Claim("q", new DataSource("y", DataSourceType.Gauge));
        q.Take(1015, 4);
        p = _database.Find("x")!.Value.Tile;
        p.Take(1015, 5);

        Assert.Equal(["p", "q"], _database.Tiles.Select(t => t.Plugin));
        Assert.Equal([1, 3, 5], p.Newest(0, 3));
        Assert.Equal([2, double.NaN, 4], q.Newest(0, 3));
        Assert.Same(q, Claim("q", new DataSource("y", DataSourceType.Gauge)));
        int[] columns = [0];
        Assert.Throws<InvalidOperationException>(() => _database.ClaimTile("p", [new("y", DataSourceType.Gauge)], 203, columns));
    }

    [Fact]
    public void Page_that_changes_costs_in_proportion_to_what_changed()
    {
        DataSource[] sources = [.. Enumerable.Range(0, 5000).Select(i => new DataSource($"x{i}", DataSourceType.Gauge))];
        var places = new ColumnPlace?[5001];
        _database.Claim("p", sources, 199, places);
        var before = _database.Tiles.ToList();
        var claim = _database.Claim("p", [.. sources, new("new", DataSourceType.Gauge)], 199, places);

        Assert.Equal(0, claim.CopiedCells);
        Assert.Equal(before, _database.Tiles.SkipLast(1));
        Assert.Equal([.. Enumerable.Repeat(Tile.MaxColumns, 9), 5000 - 9 * Tile.MaxColumns, 1], _database.Tiles.Select(t => t.Columns.Count));
        Assert.Same(_database.Tiles[^1], places[5000]!.Value.Tile);
    }

    [Fact]
    public void Claim_copies_no_more_than_it_may_and_continues_with_the_next()
    {
        const int Count = Tile.MaxColumns * 5 / 2;
        DataSource[] sources = [.. Enumerable.Range(0, Count).Select(i => new DataSource($"x{i}", DataSourceType.Gauge))];
        var places = new ColumnPlace?[Count];
        _database.Claim("p", sources, 199, places);
        sources = [.. sources.Select(s => s with { Max = 9 })];
        int[] waiting = [.. Enumerable.Range(0, 4).Select(_ => _database.Claim("p", sources, 199, places, maxCells: 1).Waiting)];

        Assert.Equal([Count - Tile.MaxColumns, Count - 2 * Tile.MaxColumns, 0, 0], waiting);
        Assert.All(places, p => Assert.Equal(9, p!.Value.Tile.Columns[p.Value.Column].Max));
    }

    [Fact]
    public void Names_that_change_all_the_time_level_off_and_the_oldest_go_first()
    {
        var places = new ColumnPlace?[1000];
        int retired = 0;
        for (int i = 0; i < 60; i++)
        {
            int tick = i;
            retired += _database.Claim("p", [.. Enumerable.Range(0, 1000).Select(n => new DataSource($"x{tick}-{n}", DataSourceType.Gauge))], 199 + i, places).Retired;
        }

        Assert.Equal(60_000 - _database.DataSources.Count(), retired);
        Assert.InRange(_database.DataSources.Count(), RoundRobinDatabase.MaxUnreported, RoundRobinDatabase.MaxUnreported + 1000);
        Assert.Null(_database.Find("x0-0"));
        Assert.NotNull(_database.Find("x40-0"));
        Assert.InRange(_database.Tiles.Count, 60, 80);
    }

    [Fact]
    public void Single_names_that_change_share_tiles()
    {
        var places = new ColumnPlace?[1];
        for (int i = 0; i < 200; i++)
        {
            _database.Claim("p", [new DataSource($"x{i}", DataSourceType.Gauge)], 199 + i, places);
        }

        Assert.Equal(200, _database.DataSources.Count());
        Assert.InRange(_database.Tiles.Count, 4, 8);
    }

    [Fact]
    public void Column_of_which_no_row_is_known_any_more_leaves_once_nobody_reports_it()
    {
        var tile = Claim("p", new("x", DataSourceType.Gauge), new("y", DataSourceType.Gauge));
        tile.Take(1000, 1, 1);
        Claim("p", new DataSource("x", DataSourceType.Gauge));
        for (int step = 201; step <= 220; step++)
        {
            bool isKnown = _database.Find("y") is { } y && y.Tile.KnownColumns(_database.LastStep)[y.Column];
            Assert.Equal(!isKnown, _database.RetireUnknown(_database.LastStep) || _database.Find("y") is null);
            tile = _database.Tiles[0];
            tile.Take(step * 5, [.. tile.Columns.Select(c => c.Name == "x" ? 2 : double.NaN)]);
        }

        Assert.Equal(["x"], _database.DataSources.Select(s => s.Name));
        Assert.Equal("p", _database.Tiles[0].Plugin);
        Assert.False(_database.RetireUnknown(_database.LastStep));
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
