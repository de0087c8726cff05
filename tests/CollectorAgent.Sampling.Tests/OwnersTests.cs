using CollectorAgent.Protocol;
using CollectorAgent.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Sampling.Tests;

/// <summary>Pages that report owners nobody has heard of: each takes a file, so there is a limit.</summary>
public sealed class OwnersTests : IDisposable
{
    private readonly SamplerRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Page_begins_as_many_owners_as_the_limit_and_no_more()
    {
        var page = _rig.Add("stranger");
        Publish(_rig, page, 0, 3000);
        _rig.Tick();
        Publish(_rig, page, 3000, 3000);
        _rig.Tick();
        Publish(_rig, page, 6000, 3000);
        _rig.Tick();
        int stored = _rig.Store.All.Count;
        var refused = Assert.Single(_rig.Sampler.Plugins).Refused;
        Publish(_rig, page, 0, 3000);
        _rig.Tick();

        Assert.Equal(Sampler.MaxOwnersOfPage, stored);
        Assert.Equal(3000, refused.Count);
        Assert.Contains($"limit {Sampler.MaxOwnersOfPage} a page", refused[0], StringComparison.Ordinal);
        Assert.Empty(Assert.Single(_rig.Sampler.Plugins).Refused);
        Assert.Equal(7, _rig.Value(Vm(2999).ToRrdOwner(), "v", 4));
    }

    [Fact]
    public void Owners_whose_rows_are_all_unknown_leave_with_their_files()
    {
        var page = _rig.Add("stranger");
        Publish(_rig, page, 0, 40);
        _rig.Tick();
        var sync = new StoreSync(_rig.Store, _rig.Time, NullLogger.Instance);
        sync.Sync();
        Assert.Equal(40, _rig.Files.Count());
        for (int step = 0; step < 300; step++)
        {
            _rig.Publish(page, 0.5, (SamplerRig.Gauge("h"), 1));
            _rig.Tick();
            _rig.Sampler.RetireUnknown();
        }
        sync.Sync();

        Assert.Equal(RrdOwner.Host, Assert.Single(_rig.Store.All).Owner);
        Assert.Equal(["host.rrd"], _rig.Files);
        Assert.Equal(1, _rig.Host("h", 300));
    }

    [Fact]
    public void Owners_that_take_too_long_to_begin_wait_for_the_next_tick()
    {
        var clock = new SlowClock();
        using var rig = new SamplerRig(clock);
        var page = rig.Add("many");
        Publish(rig, page, 0, 100);
        rig.Tick();
        clock.IsSlow = true;
        int first = rig.Store.All.Count;
        Publish(rig, page, 0, 200);
        rig.Tick();
        int second = rig.Store.All.Count;
        Publish(rig, page, 0, 200);
        rig.Tick();
        int third = rig.Store.All.Count;
        clock.IsSlow = false;
        Publish(rig, page, 0, 200);
        rig.Tick();

        Assert.Equal(100, first);
        Assert.InRange(second, 101, 120);
        Assert.InRange(third, second + 1, 140);
        Assert.Equal(200, rig.Store.All.Count);
        Assert.Empty(Assert.Single(rig.Sampler.Plugins).Refused);
    }

    [Fact]
    public void Page_that_begins_owners_all_the_time_keeps_no_other_page_from_beginning_its_own()
    {
        var clock = new SlowClock() { IsSlow = true };
        using var rig = new SamplerRig(clock);
        var greedy = rig.Add("a-greedy");
        var other = rig.Add("other");
        for (int tick = 0; tick < 8; tick++)
        {
            Publish(rig, greedy, 1000 * tick, 500);
            Publish(rig, other, 100_000, 10);
            rig.Tick();
        }

        Assert.All(Enumerable.Range(100_000, 10), i => Assert.NotNull(rig.Store.Find(Vm(i).ToRrdOwner())));
        Assert.InRange(rig.Store.All.Count, 20, 200);
    }

    private static Owner Vm(int number) => new(OwnerKind.Vm, $"5b7a1c1e-0000-4000-8000-{number:D12}");

    private static void Publish(SamplerRig rig, MemoryPage page, int first, int count) => rig.Publish(
        page, 0.5, [.. Enumerable.Range(first, count).Select(i => (SamplerRig.Gauge("v") with { Owner = Vm(i) }, 7.0))]);
}
