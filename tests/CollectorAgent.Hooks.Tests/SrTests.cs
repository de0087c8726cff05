using CollectorAgent.Protocol;
using CollectorAgent.Store;
using CollectorAgent.TestKit;

namespace CollectorAgent.Hooks.Tests;

/// <summary>SRs are archived while they go on, and are whole again when they are plugged elsewhere.</summary>
public sealed class SrTests : IDisposable
{
    private const string Uuid = "0c0d0e0f-0000-4000-8000-000000000001";

    private static readonly Owner Sr = new(OwnerKind.Sr, Uuid);
    private static readonly RrdOwner SrRrd = new(RrdOwnerKind.Sr, Uuid);

    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(HostRig.Origin + 2));
    private readonly Network _network = new();
    private readonly HostRig _a;
    private readonly HostRig _b;
    private int _step;

    public SrTests()
    {
        _a = new HostRig(_network, "a", _time);
        _b = new HostRig(_network, "b", _time);
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public async Task Sr_that_is_archived_from_time_to_time_keeps_its_history()
    {
        Run(_a, 2);
        string path = await ArchiveAsync(_a, stop: false);
        Run(_a, 2);

        Assert.Equal(path, await ArchiveAsync(_a, stop: false));
        Assert.Equal(_a.LifeCycles.PathOfSr(Uuid), path);
        Assert.Equal([1, 2, 3, 4], _a.Known(SrRrd).Keys);
        Assert.Equal(4, ArchiveFolder.ReadFile(path).Newest("heat", 0));
    }

    [Fact]
    public async Task Sr_that_is_unplugged_is_recorded_no_longer_and_goes_on_where_it_is_plugged()
    {
        Run(_a, 2);
        string path = await ArchiveAsync(_a, stop: true);
        Assert.Null(_a.Store.Find(SrRrd));
        Assert.Equal(path, await ArchiveAsync(_a, stop: true));

        Run(_b, 1);
        await _b.DoAsync(() => _b.LifeCycles.PushSrAsync(Uuid, path[..^3], default));
        Run(_b, 1);

        Assert.Equal([1, 2, 3, 4], _b.Known(SrRrd).Keys);
    }

    [Fact]
    public async Task Sr_of_which_nothing_is_known_is_said_to_be_unknown()
    {
        await Assert.ThrowsAsync<ArchiveFailedException>(() => ArchiveAsync(_a, stop: false));
        await Assert.ThrowsAsync<ArchiveFailedException>(() => _a.DoAsync(() => _a.LifeCycles.PushSrAsync(Uuid, "/nowhere", default)));
        string fifo = _a.ArchivePath + ".gz";
        using var make = System.Diagnostics.Process.Start("mkfifo", [fifo]);
        await make.WaitForExitAsync();
        await Assert.ThrowsAsync<ArchiveFailedException>(() => _a.DoAsync(() => _a.LifeCycles.PushSrAsync(Uuid, fifo, default)));
        Assert.Null(_a.Store.Find(SrRrd));
    }

    [Fact]
    public async Task Archive_that_cannot_be_written_leaves_everything_as_it_was()
    {
        Run(_a, 2);
        await File.WriteAllTextAsync(_a.ArchivePath, "a file in the place of the folder");

        await Assert.ThrowsAsync<ArchiveFailedException>(() => ArchiveAsync(_a, stop: true));

        Assert.Equal([1, 2], _a.Known(SrRrd).Keys);
        Assert.Equal(Uuid, Assert.Single(_a.LifeCycles.Failed).Uuid);
        File.Delete(_a.ArchivePath);
        await ArchiveAsync(_a, stop: true);
        Assert.Empty(_a.LifeCycles.Failed);
    }

    [Fact]
    public async Task Srs_that_come_and_go_leave_nothing_behind()
    {
        for (int i = 0; i < 50; i++)
        {
            Run(_a, 1);
            await ArchiveAsync(_a, stop: true);
            _a.Report();
            _step++;
            _time.Advance(TimeSpan.FromSeconds(HostRig.Step));
            _a.Tick();
        }

        Assert.Empty(_a.Store.All);
        Assert.Single(Directory.GetFiles(_a.ArchivePath));
        Assert.Empty(Directory.GetFiles(Path.Combine(Path.GetDirectoryName(_a.ArchivePath)!, "rrds")));
    }

    private static async Task<string> ArchiveAsync(HostRig host, bool stop)
    {
        string path = "";
        await host.DoAsync(async () => path = await host.LifeCycles.ArchiveSrAsync(Uuid, stop, default));
        return path;
    }

    private void Run(HostRig host, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            host.Report((HostRig.Gauge(Sr), ++_step));
            _time.Advance(TimeSpan.FromSeconds(HostRig.Step));
            host.Tick();
        }
    }
}
