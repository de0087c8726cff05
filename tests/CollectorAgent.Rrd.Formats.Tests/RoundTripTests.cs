using CollectorAgent.TestKit;

namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>The internal form: what is read back is what was written, and goes on as that does.</summary>
public sealed class RoundTripTests
{
    private const long Minute = 60, Hour = 3600;

    private static readonly DataSource[] Fast =
    [
        new("gauge", DataSourceType.Gauge, -40, 1e300),
        new("derive", DataSourceType.Derive, -1e6) { IsInteger = true },
        new("total", DataSourceType.Derive, 0) { IsInteger = true },
        new("real", DataSourceType.Derive, 0),
    ];

    private static readonly DataSource[] Slow =
    [
        new("absolute", DataSourceType.Absolute, 0, HeartbeatSeconds: 60),
        new("cold", DataSourceType.Gauge, -273.15, 100),
    ];

    /// <summary>Ends of steps, minutes, hours; a sample before the end of its step; a plugin that has stopped.</summary>
    [Theory]
    [InlineData(Hour * 480000, 0.25, 40, true)]
    [InlineData(Hour * 480000 + 5, 4.75, 40, true)]
    [InlineData(Hour * 480000 - 5, 0, 900, true)]
    [InlineData(Hour * 480000 + Minute - 5, 2.5, 1500, true)]
    [InlineData(Hour * 480000 + 1795, 0.1, 800, false)]
    [InlineData(86400 * 20000 + 7, 0.3, 1000, false)]
    public async Task Restored_rrd_is_the_same_and_goes_on_so(long end, double phase, int samples, bool isSlowAlive)
    {
        var random = new Random(samples);
        // What is written has ended the same step everywhere; a tile that lags has lost what it had not heard of yet.
        var original = Filled(end + phase, samples, isSlowAlive, random).Settled();
        var restored = Documents.Read(await original.XmlAsync(RrdForm.Internal));

        AssertSame(original, restored, isExact: true);

        Go(original, restored, end + phase, 800);
        AssertSame(original.Settled(), restored.Settled(), isExact: false);
    }

    [Fact]
    public async Task Document_of_a_restored_rrd_is_the_same_text()
    {
        string text = await Filled(Documents.Now, 900, true, new Random(1)).Settled().XmlAsync(RrdForm.Internal);

        Assert.Equal(text, await Documents.Read(text).XmlAsync(RrdForm.Internal));
    }

    [Fact]
    public async Task Step_that_ended_early_keeps_the_time_of_its_sample()
    {
        var layout = ArchiveLayout.Averages;
        var tile = new Tile(layout, [new("d", DataSourceType.Derive) { IsInteger = true }], 199);
        tile.Update(1000.1, [0], [true], 201);
        tile.Update(1008, [79], [true], 202);
        var restored = await LoadedAsync(tile);

        Assert.Equal(1008, restored.LastSampleTime);
        tile.Update(1015, [149], [true]);
        restored.Update(1015, [149], [true]);
        Assert.Equal(10, tile.Cell(0, tile.NewestRow(0), 0), 12);
        Assert.Equal(10, restored.Cell(0, restored.NewestRow(0), 0), 12);
    }

    [Fact]
    public async Task Tile_without_a_last_sample_has_none_afterwards()
    {
        var tile = new Tile(ArchiveLayout.Averages, [new("x", DataSourceType.Gauge)], 199);
        tile.Take(1000, 1);
        tile.EndUnknown(201);
        var restored = await LoadedAsync(tile);

        Assert.Equal(double.NaN, restored.LastSampleTime);
        // The steps before the first sample are as unknown as they were.
        tile.Take(1030, 3);
        restored.Take(1030, 3);
        Assert.Equal(Newest(tile, 8), Newest(restored, 8));
        Assert.Equal(double.NaN, Newest(restored, 2)[0]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(1e15)]
    [InlineData(-2.5)]
    [InlineData(1.0 / 3)]
    public async Task Last_raw_value_of_a_double_is_kept(double last)
    {
        var rrd = new RoundRobinDatabase(ArchiveLayout.Averages);
        var source = new DataSource("d", DataSourceType.Derive);
        rrd.ClaimTile("p", [source], 199, new int[1]);
        rrd.Tiles[0].Take(1000, last);
        var restored = Documents.Read(await rrd.XmlAsync(RrdForm.Internal));
        restored.ClaimTile("p", [source], 199, new int[1]);
        rrd.Tiles[0].Take(1005, last + 8);
        restored.Tiles[0].Take(1005, last + 8);

        Assert.Equal(1.6, rrd.Tiles[0].Cell(0, 200, 0), 12);
        Assert.Equal(rrd.Tiles[0].Cell(0, 200, 0), restored.Tiles[0].Cell(0, 200, 0));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(0)]
    public async Task Integers_of_64_bits_survive(long raw)
    {
        foreach (var type in new[] { DataSourceType.Derive, DataSourceType.Counter })
        {
            var tile = new Tile(ArchiveLayout.Averages, [new("n", type) { IsInteger = true }], 199);
            tile.Update(1000, [raw], [true]);

            Assert.Equal(raw, (await LoadedAsync(tile)).Scratch(0).Previous);
        }
    }

    /// <summary>They would refuse the whole archive; its rows are the same, and the plugin says again what it counts.</summary>
    [Fact]
    public async Task Counter_is_archived_as_what_agents_of_another_make_know()
    {
        var tile = new Tile(ArchiveLayout.Averages, [new("n", DataSourceType.Counter, 0) { IsInteger = true }], 199);
        tile.Update(1000, [-5], [true]);
        tile.Update(1005, [5], [true]);
        var rrd = Documents.Database(tile.Layout, tile);

        var restored = Documents.Read(await rrd.XmlAsync(RrdForm.Internal));

        Assert.Equal(DataSourceType.Derive, restored.Tiles[0].Columns[0].Type);
        Assert.Equal(2, restored.Tiles[0].Cell(0, 200, 0));
        Assert.Contains("<type>COUNTER</type>", await rrd.XmlAsync(RrdForm.External), StringComparison.Ordinal);
    }

    /// <summary>An old reader took every minimum below zero for zero, and threw the rows away.</summary>
    [Theory]
    [InlineData(RrdForm.Internal)]
    [InlineData(RrdForm.External)]
    public async Task Negative_minimum_and_negative_rows_survive(RrdForm form)
    {
        var tile = new Tile(ArchiveLayout.Averages, [new("t", DataSourceType.Gauge, -40, 60), new("free", DataSourceType.Gauge)], 199);
        tile.Take(1000, -12.5, -1e6);
        var restored = Documents.Read(await Documents.Database(tile.Layout, tile).XmlAsync(form));

        Assert.Equal([-40, double.NegativeInfinity], restored.DataSources.Select(d => d.Min));
        Assert.Equal([-12.5, -1e6], Enumerable.Range(0, 2).Select(i => restored.Tiles[0].Cell(0, 199, i)));
    }

    [Theory]
    [InlineData(RrdForm.Internal)]
    [InlineData(RrdForm.External)]
    public async Task Rrd_without_columns_keeps_its_layout(RrdForm form)
    {
        string text = await new RoundRobinDatabase(ArchiveLayout.AveragesMinMax).XmlAsync(form);
        var restored = Documents.Read(text);

        Assert.Empty(restored.DataSources);
        Assert.Equal(ArchiveLayout.AveragesMinMax.Rras, restored.Layout.Rras);
        Assert.Equal(0, restored.LastUpdated);
        Assert.Equal(text, await restored.XmlAsync(form));
        Assert.Contains("<cdp_prep/><database><row/>", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task External_form_keeps_rows_bounds_and_time_and_starts_anew()
    {
        var original = Filled(Documents.Now, 900, true, new Random(3)).Settled();
        var restored = Documents.Read(await original.XmlAsync());

        Assert.Equal((long)original.LastUpdated / 5, restored.LastStep);
        Assert.Equal(original.DataSources.Select(d => (d.Name, d.Type, d.Min, d.Max, d.HeartbeatSeconds)),
            restored.DataSources.Select(d => (d.Name, d.Type, d.Min, d.Max, d.HeartbeatSeconds)));
        Assert.All(Rows(original).Zip(Rows(restored)), p => AssertClose(p.First, p.Second, 1e-14));
        Assert.All(restored.Tiles, t => Assert.Equal(double.NaN, t.LastSampleTime));
    }

    [Theory]
    [InlineData("a\uFFFFb")]
    [InlineData("a\uFFFE")]
    [InlineData("\uD83D\uDE00")]
    [InlineData("°C\u0085μs\u0085")]
    [InlineData("]]>&<\"'")]
    [InlineData("a\nb\tc")]
    public async Task Any_name_gives_a_document_that_can_be_read(string name)
    {
        var tile = new Tile(ArchiveLayout.Averages, [new(name, DataSourceType.Gauge)], 199);
        string expected = string.Concat(name.Select(c => c is '\uFFFE' or '\uFFFF' ? '\uFFFD' : c));

        Assert.Equal(expected, (await LoadedAsync(tile)).Columns[0].Name);
        Assert.Contains(System.Text.Json.JsonDocument.Parse(await Documents.Database(tile.Layout, tile).JsonAsync())
            .RootElement.GetProperty("ds").EnumerateArray(), d => d.GetProperty("name").GetString() == name);
    }

    private static async Task<Tile> LoadedAsync(Tile tile) =>
        Documents.Read(await Documents.Database(tile.Layout, tile).XmlAsync(RrdForm.Internal)).Tiles[0];

    private static RoundRobinDatabase Filled(double end, int samples, bool isSlowAlive, Random random)
    {
        var rrd = new RoundRobinDatabase(ArchiveLayout.AveragesMinMax);
        long lastStep = rrd.Layout.StepEndedAt(end) - samples - 1;
        rrd.ClaimTile("fast", Fast, lastStep, new int[Fast.Length]);
        rrd.ClaimTile("slow", Slow, lastStep, new int[Slow.Length]);
        for (int i = 1 - samples; i <= 0; i++)
        {
            bool isOpen = random.Next(9) == 0;
            TakeFast(rrd, end + 5 * i, i, random.Next(20) != 0);
            if (isSlowAlive || i < -3)
            {
                TakeSlow(rrd, end + 5 * i - 0.01, i);
            }
            if (isOpen && i < 0)
            {
                TakeFast(rrd, end + 5 * i + 1.5, i, true);
            }
        }
        return rrd;
    }

    private static void Go(RoundRobinDatabase original, RoundRobinDatabase restored, double end, int samples)
    {
        foreach (var rrd in new[] { original, restored })
        {
            long lastStep = rrd.LastStep;
            rrd.ClaimTile("fast", Fast, lastStep, new int[Fast.Length]);
            rrd.ClaimTile("slow", Slow, lastStep, new int[Slow.Length]);
            for (int i = 1; i <= samples; i++)
            {
                TakeFast(rrd, end + 5 * i, i, i % 17 != 0);
                TakeSlow(rrd, end + 5 * i - 0.01, i);
            }
        }
    }

    private static void TakeFast(RoundRobinDatabase rrd, double time, int i, bool isKnown) => rrd.Find("gauge")!.Value.Tile.Update(
        time,
        [
            Documents.Bits(Math.Sin(time)),
            9007199254740993 + (long)(time * 100) % 977,
            (long)((ulong)long.MaxValue + (ulong)(5000 + i) * 999),
            Documents.Bits(i * 0.1),
        ],
        [isKnown, isKnown, true, true]);

    private static void TakeSlow(RoundRobinDatabase rrd, double time, int i) =>
        rrd.Find("absolute")!.Value.Tile.Update(time, [Documents.Bits(Math.Abs(i % 7)), Documents.Bits(-i / 100.0)], [true, true]);

    private static void AssertSame(RoundRobinDatabase expected, RoundRobinDatabase actual, bool isExact)
    {
        // A mean in progress is written as a quotient and read as a sum: the last bits of that are rounding.
        double tolerance = isExact ? 0 : 1e-12;
        Assert.Equal(expected.LastStep, actual.LastStep);
        Assert.Equal(expected.Layout.Rras, actual.Layout.Rras);
        Assert.Equal(expected.DataSources.Select(d => d.Name), actual.DataSources.Select(d => d.Name));
        foreach (var source in expected.DataSources)
        {
            var (tile, column) = expected.Find(source.Name)!.Value;
            var (other, otherColumn) = actual.Find(source.Name)!.Value;
            Assert.Equal(tile.LastSampleTime, other.LastSampleTime);
            // A double without a fraction is read as an integer; whoever reports it next says what it is.
            bool isReadAsInteger = other.Columns[otherColumn].IsInteger && !source.IsInteger;
            long? previous = other.Scratch(otherColumn).Previous;
            Assert.Equal(tile.Scratch(column).Previous, isReadAsInteger && previous is { } p ? Documents.Bits(p) : previous);
            AssertClose(tile.Scratch(column).Value, other.Scratch(otherColumn).Value, tolerance);
            AssertClose(tile.Scratch(column).UnknownSeconds, other.Scratch(otherColumn).UnknownSeconds, 0);
            for (int rra = 0; rra < expected.Layout.Rras.Count; rra++)
            {
                var (scratch, otherScratch) = (tile.Scratch(rra, column), other.Scratch(rra, otherColumn));
                Assert.Equal(scratch.UnknownPdps, otherScratch.UnknownPdps);
                AssertClose(scratch.Value, otherScratch.Value, 1e-12);
            }
        }
        Assert.All(Rows(expected).Zip(Rows(actual)), p => AssertClose(p.First, p.Second, tolerance));
    }

    /// <summary>Every cell of every row.</summary>
    private static IEnumerable<double> Rows(RoundRobinDatabase rrd)
    {
        var values = new double[rrd.DataSources.Count()];
        for (int rra = 0; rra < rrd.Layout.Rras.Count; rra++)
        {
            var definition = rrd.Layout.Rras[rra];
            long newest = rrd.LastStep / definition.PdpPerCdp - 1;
            for (int i = 0; i < definition.Rows; i++)
            {
                rrd.Rows().TryCopyRow(rra, newest - i, values);
                foreach (double value in values)
                {
                    yield return value;
                }
            }
        }
    }

    private static double[] Newest(Tile tile, int rows) =>
        [.. Enumerable.Range(1 - rows, rows).Select(i => tile.Cell(0, tile.NewestRow(0) + i, 0))];

    private static void AssertClose(double expected, double actual, double tolerance) => Assert.True(
        expected.Equals(actual) || Math.Abs(expected - actual) <= tolerance * Math.Max(Math.Abs(expected), 1e-3), $"{actual:R} instead of {expected:R}");
}
