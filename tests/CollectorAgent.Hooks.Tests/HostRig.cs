using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Hooks.Tests;

/// <summary>An agent of a host, all but its sockets and processes: one plugin reports what the test says.</summary>
internal sealed class HostRig : IDisposable
{
    public const int Step = 5;

    /// <summary>The end of step 0 of a test, in Unix seconds: a full day.</summary>
    public const long Origin = 1_800_000_000 / 86_400 * 86_400;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-hooks-");
    private readonly RecordVms _recordVms;
    private readonly Network _network;
    private readonly ReportedPage _page = new();

    public HostRig(Network network, string address, ManualTime time, RecordVms recordVms = RecordVms.Resident)
    {
        _network = network;
        _recordVms = recordVms;
        Time = time;
        network.Add(address, this);
        (Store, Sampler, Archives, LifeCycles, Sources) = Open();
    }

    public static string HostUuid => "7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e";

    public ManualTime Time { get; }

    public RrdStore Store { get; private set; }

    public Sampler Sampler { get; private set; }

    public ArchiveFolder Archives { get; private set; }

    public LifeCycles LifeCycles { get; private set; }

    public RecordedSources Sources { get; private set; }

    public string ArchivePath => Path.Combine(_folder.FullName, "blobs");

    /// <summary>A gauge that is recorded by default.</summary>
    public static ReportedSource Gauge(Owner owner, string name = "heat") =>
        new(name) { Owner = owner, Type = ReportedType.Gauge, IsDefault = true, Units = "K", Description = "How hot it is" };

    /// <summary>What the plugin reports from the next tick on.</summary>
    public void Report(params (ReportedSource Source, double Value)[] values) => _page.Values = values;

    /// <summary>The coming tick of this host; the test lets the time pass.</summary>
    public void Tick()
    {
        _page.Timestamp = (Time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds - 1;
        Sampler.Tick();
    }

    /// <summary>Does something while the sampler's thread would be there for it.</summary>
    public async Task DoAsync(Func<Task> work)
    {
        var task = work();
        using var deadline = new CancellationTokenSource(Deadline);
        while (!task.IsCompleted)
        {
            Sampler.Change();
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, deadline.Token));
            Assert.False(deadline.IsCancellationRequested, "it was not done in time");
        }
        await task;
    }

    /// <summary>The cells of the finest RRA by step since <see cref="Origin"/>, as far as they are known.</summary>
    public SortedDictionary<long, double> Known(RrdOwner owner, string name = "heat")
    {
        var result = new SortedDictionary<long, double>();
        Store.Find(owner)?.Copy(rrd =>
        {
            var (tile, column) = rrd.Find(name)!.Value;
            for (long row = tile.NewestRow(0) - rrd.Layout.Rras[0].Rows + 1; row <= tile.NewestRow(0); row++)
            {
                double value = tile.Cell(0, row, column);
                if (!double.IsNaN(value))
                {
                    result.Add(row + 1 - Origin / Step, value);
                }
            }
            return 0;
        });
        return result;
    }

    /// <summary>The process is killed, and another one takes over.</summary>
    public void Restart()
    {
        Sampler.Dispose();
        Store.Dispose();
        (Store, Sampler, Archives, LifeCycles, Sources) = Open();
    }

    /// <summary>The file of an owner is overwritten with what is no RRD.</summary>
    public void Damage(RrdOwner owner) => File.WriteAllText(Path.Combine(_folder.FullName, "rrds", owner.FileName + ".rrd"), "garbage");

    public void Dispose()
    {
        Sampler.Dispose();
        Store.Dispose();
        _folder.Delete(recursive: true);
    }

    private (RrdStore, Sampler, ArchiveFolder, LifeCycles, RecordedSources) Open()
    {
        var store = new RrdStore(new StoreOptions(_folder.FullName) { Archives = ArchivePath, HostUuid = HostUuid }, NullLogger.Instance);
        store.Load(Time.GetUtcNow());
        var sampler = new Sampler(store, Time, NullLogger<Sampler>.Instance, _recordVms);
        var archives = new ArchiveFolder(ArchivePath);
        var lifeCycles = new LifeCycles(
            store, sampler, archives, _network, _folder.FullName, HostUuid, Time, NullLogger<LifeCycles>.Instance);
        Assert.True(sampler.TryAdd("plugin", _page, PagePermit.Unlimited));
        return (store, sampler, archives, lifeCycles, new RecordedSources(store, sampler));
    }

    private sealed class ReportedPage : IPageSource
    {
        private byte[] _bytes = [];

        public (ReportedSource Source, double Value)[] Values { get; set; } = [];

        public double Timestamp { get; set; }

        public int Read(long offset, Span<byte> buffer)
        {
            if (offset == 0)
            {
                _bytes = PageWriter.Version2(
                    Timestamp, [.. Values.Select(v => v.Source)], [.. Values.Select(v => BitConverter.DoubleToInt64Bits(v.Value))]);
            }
            var rest = _bytes.AsSpan((int)Math.Min(offset, _bytes.Length));
            rest = rest[..Math.Min(rest.Length, buffer.Length)];
            rest.CopyTo(buffer);
            return rest.Length;
        }
    }
}
