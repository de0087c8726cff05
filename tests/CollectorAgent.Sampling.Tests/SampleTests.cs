using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling.Tests;

/// <summary>The ordinary way of a value.</summary>
[Collection(Alone.Name)]
public sealed class SampleTests : IDisposable
{
    private readonly SamplerRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Sample_behind_the_boundary_is_the_value_of_the_step_before_it()
    {
        var page = _rig.Add("p");
        var gauge = SamplerRig.Gauge("g");
        foreach (int value in (int[])[10, 20])
        {
            _rig.Publish(page, 0.5, (gauge, value));
            _rig.Tick();
        }

        Assert.Equal([10, 20], [_rig.Host("g", 1), _rig.Host("g", 2)]);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1.9)]
    [InlineData(2.5)]
    [InlineData(4.9)]
    public void Plugin_that_keeps_its_own_time_fills_every_row_and_its_counter_is_counted_once(double secondsBefore)
    {
        var page = _rig.Add("p");
        var counter = SamplerRig.Counter("c");
        for (int i = 0; i <= 24; i++)
        {
            _rig.Publish(page, secondsBefore, (counter, 500 * i));
            _rig.Tick();
        }

        Assert.All(Enumerable.Range(2, 24), step => Assert.Equal(100, _rig.Host("c", step), 1e-9));
    }

    [Fact]
    public void Plugin_that_drifts_over_the_boundary_loses_no_row_and_no_count()
    {
        var page = _rig.Add("p");
        var counter = SamplerRig.Counter("c");
        const int Samples = 200;
        double counted = 0;
        for (int i = 0; i < Samples; i++)
        {
            // From 1.5 s before the tick to 3.5 s before it: from behind the boundary to well before it.
            double secondsBefore = 1.5 + 2.0 * i / Samples;
            _rig.Publish(page, secondsBefore, (counter, 1000 * (i * 5 - secondsBefore + 5)));
            _rig.Tick();
            counted += i >= 2 && i + 1 > 2 ? _rig.Host("c", i + 1) * SamplerRig.Step : 0;
        }

        Assert.All(Enumerable.Range(82, 119), step => Assert.Equal(1000, _rig.Host("c", step), 1e-3));
        Assert.Equal(1000.0 * (Samples - 2) * SamplerRig.Step, counted, 1.0);
    }

    [Fact]
    public void Owners_get_an_rrd_each()
    {
        var page = _rig.Add("p");
        var gauge = SamplerRig.Gauge("cpu0");
        _rig.Publish(
            page,
            0.5,
            (gauge, 1),
            (gauge with { Owner = new Owner(OwnerKind.Vm, "v1") }, 2),
            (gauge with { Owner = new Owner(OwnerKind.Vm, "v2") }, 3),
            (gauge with { Owner = new Owner(OwnerKind.Sr, "s1") }, 4));
        _rig.Tick();

        Assert.Equal(["host", "vm-v1", "vm-v2", "sr-s1"], _rig.Store.All.Select(r => r.Owner.FileName));
        Assert.Equal([1, 2, 3, 4], _rig.Store.All.Select(r => _rig.Value(r.Owner, "cpu0", 1)));
        Assert.Equal(10, _rig.Store.Find(RrdOwner.Host)!.Rrd.Layout.Rras.Count);
        Assert.Equal(4, _rig.Store.Find(new RrdOwner(RrdOwnerKind.Vm, "v1"))!.Rrd.Layout.Rras.Count);
    }

    [Fact]
    public void Counter_of_a_new_incarnation_has_counted_from_zero_since_the_last_sample()
    {
        var page = _rig.Add("p");
        var first = SamplerRig.Counter("c") with { Incarnation = "1" };
        var second = first with { Incarnation = "2" };
        var level = SamplerRig.Gauge("g") with { Incarnation = "1" };
        foreach (var (counter, count) in new[] { (first, 100), (first, 600), (second, 700), (second, 1200) })
        {
            _rig.Publish(page, 2, (counter, count), (level with { Incarnation = counter.Incarnation }, count));
            _rig.Tick();
        }

        // 700 in 5 s, and not 100 more than the 600 of the one before.
        Assert.Equal([100, 140, 100], Enumerable.Range(2, 3).Select(step => _rig.Host("c", step)));
        Assert.Equal(700, _rig.Host("g", 3));
    }

    [Fact]
    public void Counter_that_was_not_there_before_its_new_incarnation_says_nothing_at_first()
    {
        var page = _rig.Add("p");
        var counter = SamplerRig.Counter("c") with { Incarnation = "1" };
        var other = SamplerRig.Gauge("g");
        _rig.Publish(page, 2, (counter, 100), (other, 1));
        _rig.Tick();
        _rig.Publish(page, 2, (other, 1));
        _rig.Tick();
        foreach (int count in (int[])[700, 1200])
        {
            _rig.Publish(page, 2, (counter with { Incarnation = "2" }, count), (other, 1));
            _rig.Tick();
        }

        Assert.Equal([double.NaN, double.NaN, 100], Enumerable.Range(2, 3).Select(step => _rig.Host("c", step)));
    }

    [Fact]
    public void Plugin_that_replaces_its_page_with_each_sample_goes_on_as_one_that_writes_into_it()
    {
        var counter = SamplerRig.Counter("c") with { Incarnation = "1" };
        foreach (var (source, count) in new[] { (counter, 100), (counter, 600), (counter with { Incarnation = "2" }, 700) })
        {
            _rig.Publish(_rig.Add("p"), 2, (source, count));
            _rig.Tick();
        }
        _rig.Add("p");
        _rig.Tick();

        Assert.Equal([100, 140], [_rig.Host("c", 2), _rig.Host("c", 3)]);
        var report = _rig.Sampler.Plugins.Single();
        Assert.Equal(3, report.Counts[(int)PageStatus.Ok]);
        // The newest one is empty still.
        Assert.Equal(PluginState.Waiting, report.State);
    }

    [Fact]
    public void Page_that_replaces_another_one_is_held_to_its_own_permit()
    {
        var counter = SamplerRig.Counter("c");
        var gauge = SamplerRig.Gauge("g");
        foreach (var permit in new[] { PagePermit.Unlimited, PagePermit.Unlimited with { Sources = ["g"] } })
        {
            _rig.Publish(_rig.Add("p", permit), 2, (counter, 1), (gauge, 1));
            _rig.Tick();
        }

        Assert.Equal((double.NaN, 1), (_rig.Host("c", 2), _rig.Host("g", 2)));
        Assert.Contains("host: c", Assert.Single(_rig.Sampler.Plugins.Single().LeftOut), StringComparison.Ordinal);
    }

    [Fact]
    public void New_incarnation_is_noticed_while_the_rrd_of_its_owner_changes()
    {
        var page = _rig.Add("p");
        var counter = SamplerRig.Counter("c") with { Incarnation = "1" };
        _rig.Publish(page, 2, (counter, 100));
        _rig.Tick();
        _ = _rig.Sampler.ChangeAsync(RrdOwner.Host, _ => { });
        _rig.Sampler.Change();
        _rig.Publish(page, 2, (counter with { Incarnation = "2" }, 700));
        _rig.Tick();

        Assert.Equal(140, _rig.Host("c", 2));
    }

    [Fact]
    public void What_is_only_offered_is_not_recorded()
    {
        var page = _rig.Add("p");
        _rig.Publish(page, 0.5, (SamplerRig.Gauge("on"), 1), (SamplerRig.Gauge("off") with { IsDefault = false }, 2));
        _rig.Tick();

        Assert.Equal(["on"], _rig.Store.Find(RrdOwner.Host)!.Rrd.DataSources.Select(d => d.Name));
        Assert.Equal(2, _rig.Sampler.Plugins[0].Sources.Count);
    }

    [Fact]
    public void Second_page_with_a_name_is_refused_and_the_first_goes_on()
    {
        var first = _rig.Add("a");
        var second = _rig.Add("b");
        for (int i = 1; i <= 3; i++)
        {
            _rig.Publish(first, 0.5, (SamplerRig.Gauge("g"), i));
            _rig.Publish(second, 0.5, (SamplerRig.Gauge("g"), -i), (SamplerRig.Gauge("own"), i));
            _rig.Tick();
        }

        Assert.Equal([1, 2, 3], [_rig.Host("g", 1), _rig.Host("g", 2), _rig.Host("g", 3)]);
        Assert.Equal(3, _rig.Host("own", 3));
        Assert.Equal(["host: g"], _rig.Sampler.Plugins[1].Refused);
        Assert.Empty(_rig.Sampler.Plugins[0].Refused);
    }

    [Fact]
    public void Metrics_are_recorded_by_owner_and_those_left_out_are_reported()
    {
        const string Vm = "5b7a1c1e-0000-4000-8000-000000000001";
        var page = _rig.Add("p");
        for (int i = 1; i <= 2; i++)
        {
            _rig.PublishMetrics(page, $"a{{b=\"c\",owner=\"vm {Vm}\"}} {i}\n# TYPE n counter\nn_total {10 * i}\n# TYPE i info\ni_info 1\n# EOF\n");
            _rig.Tick();
        }

        Assert.Equal(2, _rig.Value(new RrdOwner(RrdOwnerKind.Vm, Vm), "a{b=c}", 2));
        Assert.Equal(2, _rig.Host("n_total", 2));
        Assert.Equal(["family i: info has no number"], _rig.Sampler.Plugins[0].LeftOut);
        Assert.Equal(3, _rig.Sampler.Plugins[0].PageVersion);
    }

    [Fact]
    public void Recording_goes_on_after_a_restart_with_the_rate_over_the_pause()
    {
        var counter = SamplerRig.Counter("c");
        var idle = new ReportedSource("cpu") { Type = ReportedType.Derive, IsDefault = true, IsInverse = true, Min = 0, Max = 1 };
        var page = _rig.Add("p");
        for (int i = 0; i < 15; i++)
        {
            _rig.Publish(page, 0.5, (counter, 500 * i), (idle, 4 * i));
            _rig.Tick();
        }
        _rig.Restart();
        _rig.Time.Advance(TimeSpan.FromSeconds(15));
        page = _rig.Add("p");
        _rig.Publish(page, 0.5, (counter, 500 * 18), (idle, 4 * 18));
        _rig.Tick();

        Assert.All(Enumerable.Range(2, 18), step => Assert.Equal(100, _rig.Host("c", step), 1e-9));
        Assert.All(Enumerable.Range(2, 18), step => Assert.Equal(0.2, _rig.Host("cpu", step), 1e-9));
    }

    [Fact]
    public void Tick_allocates_nothing_while_the_data_sources_stay_the_same()
    {
        var page = _rig.Add("p");
        ReportedSource[] sources = [.. Enumerable.Range(0, 50).Select(i => SamplerRig.Counter($"c{i}")),
            .. Enumerable.Range(0, 50).Select(i => SamplerRig.Gauge("g") with { Owner = new Owner(OwnerKind.Vm, $"v{i}") })];
        // A ring gets its place on the disk as it goes round for the first time.
        int settled = ArchiveLayout.Averages.Rras[0].Rows + 10;
        long allocated = 0;
        for (int i = 0; i < settled + 40; i++)
        {
            _rig.Publish(page, 0.5, [.. sources.Select(s => (s, (double)i))]);
            _rig.Time.Advance(TimeSpan.FromSeconds(5));
            long before = GC.GetAllocatedBytesForCurrentThread();
            _rig.Sampler.Tick();
            allocated = i < settled ? 0 : allocated + GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
        Assert.Equal(0.2, _rig.Host("c49", settled + 40), 1e-9);
    }
}
