using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling.Tests;

/// <summary>A defect on one side of a seam: whoever it belongs to loses a sample, and nobody else loses anything.</summary>
public sealed class FaultTests : IDisposable
{
    private readonly SamplerRig _rig = new();
    private readonly MemoryPage _sound;

    public FaultTests()
    {
        _sound = _rig.Add("sound");
        PublishSound();
        _rig.Tick();
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Page_whose_reading_throws_costs_its_plugin_the_sample_only()
    {
        var page = new FaultyPage();
        _rig.Sampler.TryAdd("faulty", page, PagePermit.Unlimited);
        Tick(page);
        page.IsFaulty = true;
        Tick(page);
        var failing = Report("faulty");
        page.IsFaulty = false;
        Tick(page);

        Assert.Equal((PluginState.Failing, PageStatus.AgentFailed, "injected"), (failing.State, failing.Status, failing.Detail));
        Assert.Equal(1, failing.Counts[(int)PageStatus.AgentFailed]);
        Assert.Equal(PluginState.Live, Report("faulty").State);
        Assert.Equal([1, double.NaN, 1], Rows("f", 2, 4));
        Assert.Equal([7, 7, 7, 7], Rows("s", 1, 4));
    }

    [Fact]
    public async Task Store_that_throws_in_an_update_leaves_the_tile_as_it_was()
    {
        var page = new FaultyPage();
        var memory = new FaultySpace();
        _rig.Sampler.TryAdd("faulty", page, PagePermit.Unlimited);
        await ChangeAsync(rrd => rrd.Add(new Tile(rrd.Layout, [SamplerRig.Gauge("f").ToDataSource()], SamplerRig.Origin / 5 + 1, memory)));
        Tick(page);
        memory.Fails = 1;
        Tick(page);
        Tick(page);

        Assert.Equal([1, double.NaN, 1], Rows("f", 2, 4));
        Assert.Equal([7, 7, 7, 7], Rows("s", 1, 4));
    }

    [Fact]
    public async Task Store_that_always_throws_stops_nothing_else()
    {
        var page = new FaultyPage();
        var memory = new FaultySpace();
        _rig.Sampler.TryAdd("faulty", page, PagePermit.Unlimited);
        await ChangeAsync(rrd => rrd.Add(new Tile(rrd.Layout, [SamplerRig.Gauge("f").ToDataSource()], SamplerRig.Origin / 5 + 1, memory)));
        memory.Fails = int.MaxValue;
        Tick(page);
        _rig.Time.SetWall(_rig.Time.GetUtcNow().AddHours(1));
        Tick(page);
        _rig.Sampler.TryRemove("faulty");
        Tick(page);

        Assert.Equal("sound", Assert.Single(_rig.Sampler.Plugins).Uid);
        Assert.Equal([7, 7], Rows("s", 723, 724));
    }

    [Fact]
    public async Task Change_that_throws_tells_its_caller_and_nobody_else()
    {
        var vm = new RrdOwner(RrdOwnerKind.Vm, "5b7a1c1e-0000-4000-8000-000000000001");
        var change = _rig.Sampler.ChangeAsync(vm, _ => throw new InvalidTimeZoneException("injected"));
        _rig.Sampler.Change();
        PublishSound();
        _rig.Tick();

        await Assert.ThrowsAsync<InvalidTimeZoneException>(() => change);
        Assert.Null(_rig.Store.Find(vm));
        Assert.Equal([7, 7], Rows("s", 1, 2));
        Assert.Equal(1, _rig.Sampler.Report.Changes);
    }

    private PluginReport Report(string uid) => Assert.Single(_rig.Sampler.Plugins, p => p.Uid == uid);

    private double[] Rows(string name, int first, int last) =>
        [.. Enumerable.Range(first, last - first + 1).Select(step => _rig.Host(name, step))];

    private async Task ChangeAsync(Action<RoundRobinDatabase> change)
    {
        var done = _rig.Sampler.ChangeAsync(RrdOwner.Host, change);
        _rig.Sampler.Change();
        await done;
    }

    private void Tick(FaultyPage page)
    {
        PublishSound();
        _rig.Publish(page.Page, 0.5, (SamplerRig.Gauge("f"), 1));
        _rig.Tick();
    }

    private void PublishSound() => _rig.Publish(_sound, 0.5, (SamplerRig.Gauge("s"), 7));

    private sealed class FaultyPage : IPageSource
    {
        public MemoryPage Page { get; } = new();

        public bool IsFaulty { get; set; }

        public int Read(long offset, Span<byte> buffer) => IsFaulty ? throw new InvalidTimeZoneException("injected") : Page.Read(offset, buffer);
    }

    private sealed class FaultySpace : TileSpace
    {
        public int Fails { get; set; }

        public override TileMemory Allocate(int length) => new FaultyMemory(this, length);

        public override void Commit(RoundRobinDatabase rrd)
        {
            // Nothing is kept.
        }
    }

    private sealed class FaultyMemory(FaultySpace space, int length) : TileMemory
    {
        private readonly byte[] _bytes = new byte[length];

        public override Span<byte> Bytes => _bytes;

        public override TileMemory Reserve(int start, int length)
        {
            if (space.Fails > 0)
            {
                space.Fails--;
                throw new InvalidTimeZoneException("injected");
            }
            return this;
        }
    }
}
