using CollectorAgent.TestKit;

namespace CollectorAgent.Rrd.Tests;

/// <summary>History that was recorded in two places comes to the same as if it had been recorded in one.</summary>
public sealed class JoiningTests
{
    private const int Step = 5;

    private static readonly ArchiveLayout Layout = new(Step,
    [
        new(ConsolidationFunction.Average, 1, 20, 0.5),
        new(ConsolidationFunction.Average, 3, 12, 0.5),
        new(ConsolidationFunction.Max, 3, 12, 1),
        new(ConsolidationFunction.Average, 30, 10, 0.5),
        new(ConsolidationFunction.Min, 30, 10, 1),
        new(ConsolidationFunction.Max, 30, 10, 1),
        new(ConsolidationFunction.Average, 240, 5, 0.5),
    ]);

    private static readonly DataSource[] Columns =
        [new("count", DataSourceType.Derive) { IsInteger = true }, new("heat", DataSourceType.Gauge), new("level", DataSourceType.Gauge, -5, 5)];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rows_are_those_of_one_recording_whenever_it_moved(int seed)
    {
        var random = new Random(seed);
        long start = 1000 + random.Next(300);
        long moved = start + random.Next(1, 300);
        long end = moved + 1 + random.Next(1, 19);
        var (whole, left, arrived) = (New(start), New(start), New(moved));
        foreach (long step in Steps(start, moved))
        {
            double[] sample = Sample(random, step);
            Take(step, sample, whole, left);
        }
        whole.Tiles[0].StartAnew();
        foreach (long step in Steps(moved, end))
        {
            double[] sample = Sample(random, step);
            Take(step, sample, whole, arrived);
        }

        arrived.Join(left);

        AssertSame(whole, arrived);
        arrived.Join(left);
        AssertSame(whole, arrived);
    }

    [Fact]
    public void A_moved_recording_goes_on_as_if_it_had_stayed()
    {
        var random = new Random(7);
        var (whole, left, arrived) = (New(1000), New(1000), New(1100));
        foreach (long step in Steps(1000, 1100))
        {
            Take(step, Sample(random, step), whole, left);
        }
        whole.Tiles[0].StartAnew();
        foreach (long step in Steps(1100, 1107))
        {
            Take(step, Sample(random, step), whole, arrived);
        }
        arrived.Join(left);

        foreach (long step in Steps(1107, 1600))
        {
            Take(step, Sample(random, step), whole, arrived);
        }

        AssertSame(whole, arrived);
    }

    [Fact]
    public void Archive_that_comes_late_fills_what_is_not_known_and_changes_nothing_that_is()
    {
        var (left, arrived) = (New(1000), New(1100));
        foreach (long step in Steps(1000, 1100))
        {
            Take(step, [step, 1, 1], left);
        }
        foreach (long step in Steps(1100, 1160))
        {
            Take(step, [step, 2, 2], arrived);
        }

        arrived.Join(left);

        var tile = arrived.Tiles[0];
        Assert.Equal(1160, tile.LastStep);
        Assert.All(tile.Newest(0, 20, 1), v => Assert.Equal(2, v));
        Assert.Equal(1, tile.Cell(3, (1080 / 30) - 1, 1));
        Assert.Equal(2, tile.Cell(3, (1140 / 30) - 1, 1));
        Take(1161, [5, 2, 2], arrived);
        Assert.Equal(2, tile.Newest(0, 1, 1)[0]);
    }

    [Fact]
    public void Archive_of_this_very_recording_changes_nothing()
    {
        var random = new Random(3);
        var (whole, live, archive) = (New(1000), New(1000), New(1000));
        foreach (long step in Steps(1000, 1400))
        {
            double[] sample = Sample(random, step);
            Take(step, sample, whole, live);
            if (step <= 1390)
            {
                Take(step, sample, archive);
            }
        }

        live.Join(archive);

        AssertSame(whole, live);
    }

    [Fact]
    public void What_only_the_archive_has_is_there_and_starts_anew()
    {
        var (live, archive) = (new RoundRobinDatabase(Layout), New(1000));
        live.ClaimTile("p", [new DataSource("other", DataSourceType.Gauge)], 1000, new int[1]).Take(1001 * Step, 4);
        Take(1001, [10, 1, 1], archive);
        Take(1002, [20, 2, 2], archive);

        live.Join(archive);

        Assert.Equal(["other", "count", "heat", "level"], live.DataSources.Select(d => d.Name));
        Assert.Equal(["p", null], live.Tiles.Select(t => t.Plugin));
        Assert.Equal(2, live.Tiles[1].Newest(0, 1, 0)[0]);
        Take(1003, [1000, 3, 3], live, tile: 1);
        Assert.Equal([2, double.NaN], live.Tiles[1].Newest(0, 2, 0));
        Assert.Equal([2, 3], live.Tiles[1].Newest(0, 2, 1));
    }

    [Fact]
    public void Archive_of_other_RRAs_loses_none_of_its_rows()
    {
        var longer = new ArchiveLayout(Step, [new(ConsolidationFunction.Average, 1, 40, 0.5), new(ConsolidationFunction.Last, 2, 9, 0.5)]);
        var archive = new RoundRobinDatabase(longer);
        archive.Add(new Tile(longer, [new("heat", DataSourceType.Gauge), new("cold", DataSourceType.Gauge)], 1000));
        foreach (long step in Steps(1000, 1040))
        {
            archive.Tiles[0].Take(step * Step, step, -step);
        }
        var live = New(1040);
        Take(1041, [1, 1041, 1], live);
        Take(1042, [1, 1042, 1], live);
        var reader = live.Rows();

        live.Join(archive);

        var tile = live.Tiles[0];
        int last = live.Layout.Rras.Index().Single(r => r.Item.Function == ConsolidationFunction.Last).Index;
        Assert.Equal(40, live.Layout.Rras[0].Rows);
        Assert.Equal([.. Enumerable.Range(1003, 40).Select(i => (double)i)], tile.Newest(0, 40, 1));
        Assert.Equal([1038, 1040, 1042], tile.Newest(last, 3, 1));
        Assert.Equal([.. Enumerable.Range(1001, 40).Select(i => -(double)i)], live.Tiles[1].Newest(0, 40));
        Assert.Equal([-1038, -1040], live.Tiles[1].Newest(last, 2));
        Assert.False(reader.TryCopyRow(0, 1041, new double[3]));
    }

    [Fact]
    public void Steps_of_another_length_are_refused_and_nothing_changes()
    {
        var live = New(1000);

        Assert.Throws<ArgumentException>(() => live.Join(new RoundRobinDatabase(new ArchiveLayout(300, Layout.Rras))));

        Assert.Equal(3, live.DataSources.Count());
    }

    [Fact]
    public void Whoever_reads_an_emptied_one_hears_that_its_rows_are_gone()
    {
        var live = New(1000);
        Take(1001, [1, 1, 1], live);
        var snapshot = live.Snapshot();

        live.Empty();

        Assert.Throws<TimeoutException>(() => snapshot.Row(0, 1000));
    }

    private static RoundRobinDatabase New(long lastStep)
    {
        var rrd = new RoundRobinDatabase(Layout);
        rrd.Add(new Tile(Layout, Columns, lastStep));
        return rrd;
    }

    private static IEnumerable<long> Steps(long after, long through) => Enumerable.Range(1, (int)(through - after)).Select(i => after + i);

    private static double[] Sample(Random random, long step) =>
        [step * 10 + random.Next(10), random.Next(4) == 0 ? double.NaN : random.Next(100), random.Next(-7, 8)];

    private static void Take(long step, double[] sample, params RoundRobinDatabase[] recordings)
    {
        foreach (var rrd in recordings)
        {
            Assert.True(rrd.Tiles[0].Take(step * Step, sample));
        }
    }

    private static void Take(long step, double[] sample, RoundRobinDatabase rrd, int tile) => rrd.Tiles[tile].Take(step * Step, sample);

    private static bool Close(double one, double other) => one.Equals(other) || Math.Abs(one - other) < 1e-9 * Math.Abs(one);

    private static void AssertSame(RoundRobinDatabase expected, RoundRobinDatabase actual)
    {
        var (one, other) = (expected.Tiles.Single(), actual.Tiles.Single());
        Assert.Equal(one.LastStep, other.LastStep);
        for (int column = 0; column < Columns.Length; column++)
        {
            // What an unfinished row amounts to travels as one number: the last digit may differ.
            Assert.Equal(one.Rings(column).SelectMany(r => r), other.Rings(column).SelectMany(r => r), Close);
            Assert.Equal(one.Scratch(column), other.Scratch(column));
            for (int rra = 0; rra < Layout.Rras.Count; rra++)
            {
                Assert.Equal(one.Scratch(rra, column).UnknownPdps, other.Scratch(rra, column).UnknownPdps);
                Assert.Equal(one.Scratch(rra, column).Value, other.Scratch(rra, column).Value, 9);
            }
        }
    }

    [Fact]
    public void Data_sources_of_one_name_become_one_that_goes_on_with_what_all_of_them_knew()
    {
        var layout = ArchiveLayout.Averages;
        var rrd = new RoundRobinDatabase(layout);
        foreach (int started in (int[])[1000, 1020, 1010])
        {
            var tile = new Tile(layout, [new DataSource("a:b", DataSourceType.Gauge), new DataSource($"own_{started}", DataSourceType.Gauge)], started);
            for (int step = started + 1; step <= started + 8; step++)
            {
                tile.Update(step * 5, [BitConverter.DoubleToInt64Bits(step), 0], [true, true]);
            }
            rrd.Add(tile);
        }

        Assert.Equal(2, rrd.MergeRepeated());

        Assert.Equal(["a/b", "own_1000", "own_1010", "own_1020"], rrd.DataSources.Select(d => d.Name).Order());
        var (merged, column) = rrd.Find("a/b")!.Value;
        double[] values = [.. Enumerable.Range(1000, 28).Select(row => merged.Cell(0, row, column))];
        Assert.Equal([.. Enumerable.Range(1001, 28).Select(s => (s - 1001) % 10 < 8 ? s : double.NaN)], values);
        Assert.Equal(0, rrd.MergeRepeated());
        merged.Update(1029 * 5, [.. merged.Columns.Select(_ => BitConverter.DoubleToInt64Bits(7))], [.. merged.Columns.Select(_ => true)]);
        Assert.Equal(7, merged.Cell(0, 1028, column));
    }

    [Fact]
    public void Wide_tile_is_joined_in_narrow_parts_to_the_same_rows()
    {
        DataSource[] columns = [.. Enumerable.Range(0, 300).Select(i => new DataSource($"x{i}", DataSourceType.Gauge))];
        var archive = Sampled(columns, 1000, 40);
        var whole = Sampled(columns, 1060, 40);
        var parts = Sampled(columns, 1060, 40);
        whole.Join(archive);
        var joined = new HashSet<string>();
        int count = 1;
        while (!parts.Join(archive, joined, maxCells: 1))
        {
            count++;
        }

        Assert.InRange(count, 5, 7);
        Assert.All(parts.Tiles, t => Assert.InRange(t.Columns.Count, 1, 64));
        foreach (var column in columns)
        {
            var (expected, expectedColumn) = whole.Find(column.Name)!.Value;
            var (actual, actualColumn) = parts.Find(column.Name)!.Value;
            for (long row = 1000; row < 1100; row++)
            {
                Assert.Equal(expected.Cell(0, row, expectedColumn), actual.Cell(0, row, actualColumn));
            }
        }
        Assert.Equal(7 + 1020, parts.Find("x7")!.Value.Tile.Cell(0, 1020, parts.Find("x7")!.Value.Column));
    }

    private static RoundRobinDatabase Sampled(DataSource[] columns, long firstStep, int steps)
    {
        var rrd = new RoundRobinDatabase(ArchiveLayout.Averages);
        var tile = new Tile(rrd.Layout, columns, firstStep);
        for (long step = firstStep + 1; step <= firstStep + steps; step++)
        {
            long[] raw = [.. columns.Select((_, i) => BitConverter.DoubleToInt64Bits(i + step - 1))];
            tile.Update(step * 5 + 0.5, raw, [.. columns.Select(_ => true)]);
        }
        rrd.Add(tile);
        return rrd;
    }
}
