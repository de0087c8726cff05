using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling.Tests;

/// <summary>Ticks, and what the wall clock may do to them.</summary>
public sealed class ClockTests : IDisposable
{
    private readonly SamplerRig _rig = new();
    private int _count;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Clock_set_forward_leaves_a_gap_and_no_spike()
    {
        var page = Start(3);
        _rig.Time.SetWall(_rig.Time.GetUtcNow().AddSeconds(60));
        Publish(page);
        Publish(page);

        Assert.Equal(100, _rig.Host("c", 3), 1e-9);
        Assert.All(Enumerable.Range(4, 13), step => Assert.Equal(double.NaN, _rig.Host("c", step)));
        Assert.Equal(100, _rig.Host("c", 17), 1e-9);
        Assert.Equal(1, _rig.Sampler.Report.ClockJumps);
        Assert.Equal(0, _rig.Sampler.Report.Missed);
    }

    [Fact]
    public void Clock_set_an_hour_back_rewrites_nothing_and_recording_goes_on()
    {
        var page = Start(5);
        _rig.Time.SetWall(_rig.Time.GetUtcNow().AddHours(-1));
        for (int i = 0; i < 5; i++)
        {
            Publish(page);
        }

        Assert.All(Enumerable.Range(2, 4), step => Assert.Equal(100, _rig.Host("c", step), 1e-9));
        Assert.Equal(double.NaN, _rig.Host("c", 6));
        Assert.All(Enumerable.Range(7, 4), step => Assert.Equal(100, _rig.Host("c", step), 1e-9));
        Assert.Equal(3600, _rig.Sampler.Report.AheadSeconds);
    }

    [Fact]
    public void Clock_set_back_and_forth_returns_to_wall_time()
    {
        var page = Start(5);
        _rig.Time.SetWall(_rig.Time.GetUtcNow().AddHours(-1));
        Publish(page);
        _rig.Time.SetWall(_rig.Time.GetUtcNow().AddHours(2));
        Publish(page);
        Publish(page);

        Assert.Equal(0, _rig.Sampler.Report.AheadSeconds);
        Assert.Equal(100, _rig.Host("c", 8 + 720), 1e-9);
        Assert.Equal(double.NaN, _rig.Host("c", 7));
    }

    [Fact]
    public void Clock_set_back_by_a_step_is_waited_for()
    {
        var page = Start(5);
        _rig.Time.SetWall(_rig.Time.GetUtcNow().AddSeconds(-5));
        Publish(page);
        Assert.Equal(SamplerRig.Origin + 25, _rig.Sampler.Report.LastStepEnd);
        Publish(page);
        Publish(page);

        Assert.Equal(0, _rig.Sampler.Report.AheadSeconds);
        Assert.Equal(SamplerRig.Origin + 35, _rig.Sampler.Report.LastStepEnd);
        Assert.Equal(100, _rig.Host("c", 5), 1e-9);
        Assert.Equal(100, _rig.Host("c", 7), 1e-9);
    }

    [Fact]
    public void Restart_under_an_earlier_clock_rewrites_nothing()
    {
        var page = Start(5);
        _rig.Restart();
        _rig.Time.SetWall(_rig.Time.GetUtcNow().AddDays(-1));
        page = _rig.Add("p");
        Publish(page);
        Publish(page);

        Assert.All(Enumerable.Range(2, 4), step => Assert.Equal(100, _rig.Host("c", step), 1e-9));
        Assert.Equal(100, _rig.Host("c", 7), 1e-9);
    }

    [Fact]
    public void Recorded_time_that_is_ahead_comes_back_as_far_as_the_wall_clock_allows()
    {
        var page = Start(5);
        _rig.Time.SetWall(_rig.Time.GetUtcNow().AddMinutes(-1));
        Publish(page);
        Assert.Equal(60, _rig.Sampler.Report.AheadSeconds);
        _rig.Time.Advance(TimeSpan.FromSeconds(40));
        Publish(page);
        Assert.Equal(20, _rig.Sampler.Report.AheadSeconds);
        Publish(page);
        _rig.Time.Advance(TimeSpan.FromSeconds(60));
        Publish(page);
        Publish(page);

        Assert.Equal(0, _rig.Sampler.Report.AheadSeconds);
        Assert.Equal(0, _rig.Sampler.Report.Missed);
        Assert.Equal((long)_rig.Wall - 2, _rig.Sampler.Report.LastStepEnd);
        Assert.Equal(100, _rig.Host("c", (_rig.Sampler.Report.LastStepEnd - SamplerRig.Origin) / 5), 1e-9);
        Assert.All(Enumerable.Range(1, 40), step => Assert.False(_rig.Host("c", step) > 100.001, $"step {step}"));
    }

    [Theory]
    [InlineData(11)]
    [InlineData(90)]
    [InlineData(3000)]
    [InlineData(31_536_000)]
    public async Task Vm_whose_file_is_ahead_moves_nobodys_time_and_is_recorded_at_once(int ahead)
    {
        var page = Start(5);
        var vm = new RrdOwner(RrdOwnerKind.Vm, "5b7a1c1e-0000-4000-8000-000000000001");
        var source = SamplerRig.Gauge("v") with { Owner = new Owner(OwnerKind.Vm, vm.Uuid) };
        var change = _rig.Sampler.ChangeAsync(vm, rrd => rrd.Add(new Tile(rrd.Layout, [source.ToDataSource()], ((long)_rig.Wall + ahead) / 5)));
        _rig.Sampler.Change();
        (await change).Sync();
        _rig.Restart();
        page = _rig.Add("p");
        _rig.Publish(page, 0.5, (SamplerRig.Gauge("h"), 2), (source, 1));
        _rig.Tick();

        Assert.Equal(0, _rig.Sampler.Report.AheadSeconds);
        Assert.Equal(SamplerRig.Origin + 30, _rig.Sampler.Report.LastStepEnd);
        Assert.Equal(2, _rig.Host("h", 6));
        Assert.Equal(1, _rig.Value(vm, "v", 6));
    }

    [Fact]
    public void Missed_ticks_are_counted_and_the_next_sample_speaks_for_them()
    {
        var page = Start(3);
        _rig.Time.Advance(TimeSpan.FromSeconds(10));
        _count += 2;
        Publish(page);

        Assert.Equal(2, _rig.Sampler.Report.Missed);
        Assert.All(Enumerable.Range(2, 5), step => Assert.Equal(100, _rig.Host("c", step), 1e-9));
    }

    [Fact]
    public void A_day_with_jitter_fills_every_step()
    {
        var page = _rig.Add("p");
        var random = new Random(409482);
        int known = 0;
        const int Steps = 17_280;
        var start = _rig.Time.GetUtcNow();
        for (int i = 1; i <= Steps; i++)
        {
            // Ticks late by up to a second and a half, samples 0.3 to 2.7 s before them.
            var tick = start.AddSeconds(5.0 * i + 1.5 * random.NextDouble());
            _rig.Publish(page, 0.3 + 2.4 * random.NextDouble(), (SamplerRig.Counter("c"), 500 * i));
            _rig.Time.Advance(tick - _rig.Time.GetUtcNow());
            _rig.Sampler.Tick();
            known += double.IsNaN(_rig.Host("c", i)) ? 0 : 1;
        }

        Assert.Equal(Steps - 1, known);
        Assert.Equal((Steps, 0L), (_rig.Sampler.Report.Ticks, _rig.Sampler.Report.Missed));
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(1.5, 0.5)]
    [InlineData(2, 5)]
    [InlineData(4.75, 2.25)]
    public void Next_reading_is_two_seconds_after_the_end_of_a_step(double phase, double expected)
    {
        _rig.Time.SetWall(DateTimeOffset.FromUnixTimeSeconds(SamplerRig.Origin).AddSeconds(phase));

        Assert.Equal(expected, _rig.Sampler.UntilNextReading.TotalSeconds, 1e-6);
    }

    private MemoryPage Start(int samples)
    {
        var page = _rig.Add("p");
        for (int i = 0; i < samples; i++)
        {
            Publish(page);
        }
        return page;
    }

    private void Publish(MemoryPage page)
    {
        _rig.Publish(page, 0.5, (SamplerRig.Counter("c"), 500 * _count++));
        _rig.Tick();
    }
}
