using CollectorAgent.Protocol;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Benchmarks;

/// <summary>A sampler over pages on disk, each of a plugin that reports for a VM of its own.</summary>
internal sealed class SampledVms : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly ManualTime _time;
    private readonly PageFile[] _pages;
    private readonly long[] _values;
    private readonly byte[] _buffer = new byte[1 << 20];
    private readonly Random _random = new(1);

    public SampledVms(int pages, int sources)
    {
        _time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(Workload.FirstStep * 5) + RecordingClock.TickDelay);
        Store = new RrdStore(new StoreOptions(_folder.File("store")), NullLogger.Instance);
        Sampler = new Sampler(Store, _time, NullLogger<Sampler>.Instance);
        _values = new long[sources];
        _pages = [.. Enumerable.Range(0, pages).Select(i => Page(i, sources))];
        foreach (var (i, page) in _pages.Index())
        {
            if (!Sampler.TryAdd($"plugin{i}", page.Open()))
            {
                throw new InvalidOperationException("the sampler takes no more pages");
            }
        }
    }

    public RrdStore Store { get; }

    public Sampler Sampler { get; }

    public TimeProvider Time => _time;

    /// <summary>A step passes; every plugin publishes a sample a second before the tick.</summary>
    public void Publish()
    {
        _time.Advance(TimeSpan.FromSeconds(5));
        double wall = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        foreach (var page in _pages)
        {
            for (int i = 0; i < _values.Length; i++)
            {
                _values[i] = Workload.IsGauge(i) ? BitConverter.DoubleToInt64Bits(_random.NextDouble()) : (long)wall * 1_003 * (i + 1);
            }
            page.Publish(wall - 1, _values);
        }
    }

    /// <summary>The least that a tick can do: copy every page and check it.</summary>
    public void ReadBare()
    {
        foreach (var page in _pages)
        {
            page.ReadBare(_buffer, withMetadata: false);
        }
    }

    public void Dispose()
    {
        Sampler.Dispose();
        Store.Dispose();
        foreach (var page in _pages)
        {
            page.Dispose();
        }
        _folder.Dispose();
    }

    private PageFile Page(int number, int sources) => new(
        _folder.File($"page{number}"),
        PageFile.Sources(new Owner(OwnerKind.Vm, $"00000000-0000-0000-0000-{number:x12}"), sources));
}
