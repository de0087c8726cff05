using CollectorAgent.Protocol;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Benchmarks;

/// <summary>A sampler over the pages of many plugins, and the store behind it.</summary>
internal sealed class SampledVms : IDisposable
{
    private readonly ScratchFolder? _folder;
    private readonly PageFleet _fleet;
    private readonly ManualTime _time;

    /// <summary>Each page reports for a VM of its own; all lies in memory.</summary>
    public SampledVms(int pages, int sources)
        : this(new ScaleShape(pages * sources, pages, pages), new ScratchFolder())
    {
    }

    /// <param name="fleet">Disposed of with it.</param>
    /// <param name="store">Folder of the store, opened with what is there.</param>
    /// <param name="firstStep">The first sample follows its end.</param>
    public SampledVms(PageFleet fleet, string store, long firstStep)
    {
        _fleet = fleet;
        _time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(firstStep * 5) + RecordingClock.TickDelay);
        Store = new RrdStore(new StoreOptions(store), NullLogger.Instance);
        Store.Load(DateTimeOffset.MaxValue);
        Sync = new StoreSync(Store, _time, NullLogger.Instance);
        Sampler = new Sampler(Store, _time, NullLogger<Sampler>.Instance);
        foreach (var (i, page) in fleet.Pages.Index())
        {
            if (!Sampler.TryAdd($"plugin{i}", page.Open(), PagePermit.Unlimited))
            {
                throw new InvalidOperationException("the sampler takes no more pages");
            }
        }
    }

    private SampledVms(ScaleShape shape, ScratchFolder folder)
        : this(new PageFleet(shape, folder.Path), folder.File("store"), Workload.FirstStep)
    {
        _folder = folder;
    }

    public RrdStore Store { get; }

    public StoreSync Sync { get; }

    public Sampler Sampler { get; }

    public TimeProvider Time => _time;

    /// <summary>A step passes; every plugin publishes a sample a second before the tick.</summary>
    public void Publish() => Publish(0, 1);

    /// <param name="lateSeconds">How long after its time the tick comes.</param>
    /// <param name="ageSeconds">How old the samples are then.</param>
    public void Publish(double lateSeconds, double ageSeconds)
    {
        _time.Advance(Sampler.UntilNextReading + TimeSpan.FromSeconds(lateSeconds));
        _fleet.Publish((_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds - ageSeconds);
    }

    /// <summary>The least that a tick can do: copy every page and check it.</summary>
    public void ReadBare() => _fleet.ReadBare();

    public void Dispose()
    {
        Sampler.Dispose();
        Store.Dispose();
        _fleet.Dispose();
        _folder?.Dispose();
    }
}
