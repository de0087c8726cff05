namespace CollectorAgent.Rrd.Formats.Tests;

public sealed class XportPlanTests
{
    private const long Now = (long)Documents.Now;

    private static readonly ArchiveLayout Average = ArchiveLayout.Averages;
    private static readonly ArchiveLayout MinMax = ArchiveLayout.AveragesMinMax;

    /// <summary>What readers have been given for fifteen years. Rows without an archive were an error before.</summary>
    [Theory]
    [InlineData(1700000991, 0, 5, 1700000995, 1700001000, 2)]
    [InlineData(1700000990, 0, 5, 1700000995, 1700001000, 3)]
    [InlineData(1700000401, 0, 5, 1700000405, 1700001000, 120)]
    [InlineData(1700000400, 0, 60, 1700000460, 1700001000, 11)]
    [InlineData(Now - 7200, 0, 60, 1699993860, 1700001000, 120)]
    [InlineData(Now - 86400, 0, 3600, 1699916400, 1699999200, 24)]
    [InlineData(0, 0, 86400, 86400, 1699920000, 366)]
    [InlineData(0, 5, 86400, 86400, 1699920000, 366)]
    [InlineData(1700000991, 60, 60, 1700001000, 1700001000, 1)]
    [InlineData(1700000991, 61, 60, 1700001000, 1700001000, 1)]
    [InlineData(1700000991, 65, 3600, 1700002800, 1699999200, 0)]
    [InlineData(1700000991, 86405, 5, 1700000995, 1700001000, 0)]
    [InlineData(-60, 0, 5, 1700000945, 1700001000, 12)]
    [InlineData(1800000000, 0, 5, 1800000005, 1700001000, 0)]
    [InlineData(100_000_000_000, 0, 5, 100_000_000_005, 1700001000, 0)]
    [InlineData(-100_000_000_000, 0, 86400, 86400, 1699920000, 366)]
    [InlineData(long.MinValue, 0, 86400, 86400, 1699920000, 366)]
    [InlineData(-1, 0, 5, 1700001005, 1700001000, 1)]
    [InlineData(1700000991, 4, 5, 1700000995, 1700001000, 2)]
    [InlineData(1700000991, -60, 5, 1700000995, 1700001000, 2)]
    [InlineData(1700000991, long.MinValue, 5, 1700000995, 1700001000, 2)]
    [InlineData(1700000991, long.MaxValue, 5, 1700000995, 1700001000, 0)]
    public void Rows_are_chosen_as_ever(long start, long interval, long step, long firstTime, long end, int rows)
    {
        var plan = XportPlan.Create(new XportQuery(start, interval), [Average], Now);

        Assert.Equal((step, firstTime, end, rows), (plan.RowSeconds, plan.Start, plan.End, plan.RowCount));
    }

    [Fact]
    public void Start_beyond_all_time_selects_no_rows_and_keeps_its_sign()
    {
        var plan = XportPlan.Create(new XportQuery(long.MaxValue), [Average], Now);

        Assert.Equal((5, 1700001000, 0), (plan.RowSeconds, plan.End, plan.RowCount));
        Assert.True(plan.Start > Now);
    }

    [Theory]
    [InlineData(60, null, "AVERAGE:host:H:x MIN:host:H:x MAX:host:H:x AVERAGE:vm:V:x")]
    [InlineData(60, ConsolidationFunction.Average, "AVERAGE:host:H:x AVERAGE:vm:V:x")]
    [InlineData(60, ConsolidationFunction.Max, "MAX:host:H:x")]
    [InlineData(60, ConsolidationFunction.Min, "MIN:host:H:x")]
    [InlineData(60, ConsolidationFunction.Last, "")]
    [InlineData(0, ConsolidationFunction.Max, "MAX:host:H:x")]
    [InlineData(0, null, "AVERAGE:host:H:x AVERAGE:vm:V:x")]
    public void Rrd_without_a_function_leaves_the_columns_of_others(long interval, ConsolidationFunction? function, string legend)
    {
        var host = ("host:H", Documents.At(Documents.Now, MinMax));
        var vm = ("vm:V", Documents.At(Documents.Now, Average));
        var query = new XportQuery(Now - 60, interval, function);

        Assert.Equal(legend, Legend(Documents.Export(query, host, vm)));
        Assert.Equal(legend.Split(' ').Order(), Legend(Documents.Export(query, vm, host)).Split(' ').Order());
    }

    [Fact]
    public void Rrd_of_another_step_is_left_out()
    {
        var other = new ArchiveLayout(10, Average.Rras);
        var live = ("host:H", Documents.At(Documents.Now));
        var slow = ("vm:V", Documents.At(Documents.Now, other));

        Assert.Equal("AVERAGE:host:H:x", Legend(Documents.Export(new XportQuery(-60), live, slow)));
        Assert.Equal("AVERAGE:vm:V:x", Legend(Documents.Export(new XportQuery(-60), slow, live)));
    }

    [Fact]
    public void Rrd_without_columns_leaves_the_time_axis_of_others()
    {
        var empty = ("host:H", new RoundRobinDatabase(Average));
        var live = ("vm:V", Documents.At(Documents.Now));
        var xport = Documents.Export(new XportQuery(-10), empty, live);

        Assert.Equal((1700000995, 1700001000, 2), (xport.Plan.Start, xport.Plan.End, xport.Plan.RowCount));
        Assert.Equal("AVERAGE:vm:V:x", Legend(xport));
        Assert.Equal([1, double.NaN], Column(xport, 0));
    }

    [Fact]
    public void Stale_rrd_keeps_its_rows_in_place_beside_a_live_one()
    {
        var stale = ("host:H", Documents.At(Documents.Now - 10));
        var live = ("vm:V", Documents.At(Documents.Now));
        var xport = Documents.Export(new XportQuery(Now - 15), stale, live);

        Assert.Equal(1700001000, xport.Plan.End);
        Assert.Equal([double.NaN, double.NaN, 1], Column(xport, 0));
        Assert.Equal([1, double.NaN, double.NaN], Column(xport, 1));
    }

    [Fact]
    public void Tile_that_lags_is_unknown_in_the_newest_rows()
    {
        var rrd = Documents.At(Documents.Now);
        var late = new Tile(rrd.Layout, [new("late", DataSourceType.Gauge)], rrd.LastStep - 3);
        late.Take(Documents.Now - 10, 7);
        rrd.Add(late);
        var xport = Documents.Export(new XportQuery(Now - 15), ("host:H", rrd));

        Assert.Equal([1, double.NaN, double.NaN], Column(xport, 0));
        Assert.Equal([double.NaN, double.NaN, 7], Column(xport, 1));
    }

    [Fact]
    public void Last_is_a_function_like_the_others()
    {
        var layout = new ArchiveLayout(5, [new(ConsolidationFunction.Average, 1, 12, 0.5), new(ConsolidationFunction.Last, 1, 12, 0.5)]);
        var rrd = ("sr:S", Documents.At(Documents.Now, layout));

        Assert.Equal("LAST:sr:S:x", Legend(Documents.Export(new XportQuery(-60, 0, ConsolidationFunction.Last), rrd)));
        Assert.Equal("AVERAGE:sr:S:x LAST:sr:S:x", Legend(Documents.Export(new XportQuery(-60), rrd)));
    }

    [Fact]
    public void Layout_with_other_row_counts_decides_where_it_comes_first_and_is_left_out_elsewhere()
    {
        var loaded = ("host:H", Documents.At(Documents.Now, new ArchiveLayout(5, [new(ConsolidationFunction.Average, 1, 20, 0.5)])));
        var live = ("vm:V", Documents.At(Documents.Now));

        Assert.Equal("AVERAGE:host:H:x", Legend(Documents.Export(new XportQuery(-60), loaded, live)));
        Assert.Equal("AVERAGE:vm:V:x", Legend(Documents.Export(new XportQuery(-60), live, loaded)));
        Assert.Equal(20, Documents.Export(new XportQuery(0), loaded, live).Plan.RowCount);
    }

    [Theory]
    [InlineData(-1000, 0)]
    [InlineData(1700000400, 0)]
    [InlineData(0, 3600)]
    [InlineData(0, 0)]
    public async Task First_row_is_that_of_the_end_and_rows_go_back_in_time(long start, long interval)
    {
        var xport = Documents.Export(new XportQuery(start, interval), ("host:H", Documents.At(Documents.Now)));
        var meta = System.Xml.Linq.XDocument.Parse(await xport.XmlAsync()).Root!;
        long step = (long)meta.Element("meta")!.Element("step")!;
        long[] times = [.. meta.Descendants("t").Select(t => (long)t)];

        Assert.Equal((long)meta.Element("meta")!.Element("end")!, times[0]);
        Assert.Equal(times.Length, (int)meta.Element("meta")!.Element("rows")!);
        Assert.All(times.Zip(times.Skip(1)), p => Assert.Equal(step, p.First - p.Second));
    }

    [Fact]
    public async Task Document_about_nothing_is_valid()
    {
        var plan = XportPlan.Create(new XportQuery(Now), [], Now);
        var xport = new Xport(plan, []);

        Assert.EndsWith("<rows>0</rows><columns>0</columns><legend/></meta><data/></xport>", await xport.XmlAsync(), StringComparison.Ordinal);
        Assert.EndsWith("\"rows\":\"0\",\"columns\":\"0\",\"legend\":[]},\"data\":[]}", await xport.JsonAsync(), StringComparison.Ordinal);
    }

    private static string Legend(Xport xport) => string.Join(
        ' ', xport.Blocks.SelectMany(b => b.Heads.SelectMany(h => b.Names.Select(n => h + n))));

    private static double[] Column(Xport xport, int column) => [.. Enumerable.Range(0, xport.Plan.RowCount)
        .Select(r => xport.Row(r)[column])];
}
