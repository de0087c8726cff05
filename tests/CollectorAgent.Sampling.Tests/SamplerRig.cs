using System.Buffers.Binary;
using System.Text;
using CollectorAgent.Protocol;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Sampling.Tests;

/// <summary>A sampler with a clock and pages in the test's hand. It starts at a tick: two seconds after the end of a step.</summary>
internal sealed class SamplerRig : IDisposable
{
    public const int Step = 5;

    /// <summary>The end of step 0 of the test, in Unix seconds: a full day.</summary>
    public const long Origin = 1_800_000_000 / 86_400 * 86_400;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-sampling-");

    public SamplerRig(ManualTime? time = null)
    {
        Time = time ?? new ManualTime(DateTimeOffset.FromUnixTimeSeconds(Origin + 2));
        Store = new RrdStore(new StoreOptions(_folder.FullName), NullLogger.Instance);
        Sampler = new Sampler(Store, Time, NullLogger<Sampler>.Instance);
    }

    public ManualTime Time { get; }

    public RrdStore Store { get; private set; }

    public Sampler Sampler { get; private set; }

    /// <summary>Names of the files of all owners.</summary>
    public IEnumerable<string?> Files => Directory.EnumerateFiles(Path.Combine(_folder.FullName, "rrds")).Select(Path.GetFileName);

    public double Wall => (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    public static ReportedSource Gauge(string name) => new(name) { Type = ReportedType.Gauge, IsDefault = true };

    public static ReportedSource Counter(string name) =>
        new(name) { Type = ReportedType.Derive, IsDefault = true, IsInteger = true, Min = 0 };

    public MemoryPage Add(string uid, PagePermit? permit = null)
    {
        var page = new MemoryPage();
        Assert.True(Sampler.TryAdd(uid, page, permit ?? PagePermit.Unlimited));
        return page;
    }

    /// <summary>Publishes values taken this long before the coming tick.</summary>
    public void Publish(MemoryPage page, double secondsBefore, params (ReportedSource Source, double Value)[] values)
    {
        page.Bytes = PageWriter.Version2(
            Wall + Step - secondsBefore,
            [.. values.Select(v => v.Source)],
            [.. values.Select(v => v.Source.IsInteger ? (long)v.Value : BitConverter.DoubleToInt64Bits(v.Value))]);
    }

    /// <summary>Publishes metrics taken at the coming tick, as a page of version 3 puts them.</summary>
    public void PublishMetrics(MemoryPage page, string text)
    {
        byte[] payload = Encoding.UTF8.GetBytes(text);
        byte[] content = [.. "OPENMETRICS1"u8, .. new byte[16], .. payload];
        BinaryPrimitives.WriteUInt64BigEndian(content.AsSpan(16), (ulong)(Wall + Step));
        BinaryPrimitives.WriteUInt32BigEndian(content.AsSpan(24), (uint)payload.Length);
        BinaryPrimitives.WriteUInt32BigEndian(content.AsSpan(12), Crc32.Compute(content.AsSpan(16)));
        page.Bytes = content;
    }

    /// <summary>One step passes, and its tick comes.</summary>
    public void Tick()
    {
        Time.Advance(TimeSpan.FromSeconds(Step));
        Sampler.Tick();
    }

    /// <summary>A new process takes over.</summary>
    public void Restart()
    {
        Sampler.Dispose();
        Store.Dispose();
        Store = new RrdStore(new StoreOptions(_folder.FullName), NullLogger.Instance);
        Store.Load(Time.GetUtcNow());
        Sampler = new Sampler(Store, Time, NullLogger<Sampler>.Instance);
    }

    /// <summary>The value of a data source of the host in the step that ends this many steps after the origin.</summary>
    public double Host(string name, long step) => Value(RrdOwner.Host, name, step);

    public double Value(RrdOwner owner, string name, long step) => Store.Find(owner)!.Copy(rrd =>
    {
        var (tile, column) = rrd.Find(name)!.Value;
        return tile.Cell(0, Origin / Step + step - 1, column);
    });

    public void Dispose()
    {
        Sampler.Dispose();
        Store.Dispose();
        _folder.Delete(recursive: true);
    }
}
