using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Benchmarks;

/// <summary>A sampler and its store on a disk, with a clock in the benchmark's hand.</summary>
internal sealed class ChurnedAgent : IDisposable
{
    private readonly ScratchFolder _disk = ScratchFolder.OnDisk();
    private readonly LiveTime _time = new(DateTimeOffset.FromUnixTimeSeconds(Workload.FirstStep * ArchiveLayout.StandardStepSeconds + 2));

    public ChurnedAgent()
    {
        Store = new RrdStore(new StoreOptions(_disk.File("store")), NullLogger.Instance);
        Sync = new StoreSync(Store, _time, NullLogger.Instance);
        Sampler = new Sampler(Store, _time, NullLogger<Sampler>.Instance);
    }

    public RrdStore Store { get; }

    public StoreSync Sync { get; }

    public Sampler Sampler { get; }

    /// <summary>How many data sources are kept.</summary>
    public int Columns => Store.All.Sum(r => r.Copy(d => d.DataSources.Count()));

    /// <summary>A step passes.</summary>
    /// <returns>The time of the tick that is due, in Unix seconds.</returns>
    public double Advance()
    {
        _time.Advance(TimeSpan.FromSeconds(ArchiveLayout.StandardStepSeconds));
        return (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
    }

    public MemoryPage Add(string uid)
    {
        var page = new MemoryPage();
        Sampler.TryAdd(uid, page, PagePermit.Unlimited);
        return page;
    }

    public void Dispose()
    {
        Sampler.Dispose();
        Store.Dispose();
        _disk.Dispose();
    }

    /// <summary>Time that steps from tick to tick, and passes within one as it really does.</summary>
    private sealed class LiveTime(DateTimeOffset start) : ManualTime(start)
    {
        public override long GetTimestamp() => base.GetTimestamp() + System.GetElapsedTime(0).Ticks;
    }

    /// <summary>A page without a file.</summary>
    public sealed class MemoryPage : IPageSource
    {
        public byte[] Bytes { get; set; } = [];

        public int Read(long offset, Span<byte> buffer)
        {
            int count = (int)Math.Clamp(Bytes.Length - offset, 0, buffer.Length);
            Bytes.AsSpan((int)Math.Min(offset, Bytes.Length), count).CopyTo(buffer);
            return count;
        }
    }
}
