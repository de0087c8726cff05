using CollectorAgent.Hooks;
using CollectorAgent.Store;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Benchmarks;

/// <summary>A thousand VMs with a full history are shut down one after the other, and started again, while ticks go on.</summary>
internal static class HooksBenchmark
{
    private const int Vms = 1_000;
    private const int Sources = 30;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    public static IEnumerable<Row> Run(Race race)
    {
        using var pages = new ScratchFolder();
        using var disk = ScratchFolder.OnDisk();
        using var vms = new SampledVms(new PageFleet(new ScaleShape(Vms * Sources, Vms, Vms), pages.Path), disk.File("store"), Workload.FirstStep);
        vms.Publish();
        vms.Sampler.Tick();
        var random = new Random(1);
        foreach (var owned in vms.Store.All)
        {
            lock (owned.Gate)
            {
                FullHistory.Put(owned.Rrd.Tiles[0], random);
            }
        }
        vms.Sync.Sync();
        var archives = new ArchiveFolder(disk.File("archives"));
        var hooks = new LifeCycles(
            vms.Store, vms.Sampler, archives, new NoPeers(), disk.Path, Guid.Empty.ToString(), vms.Time, NullLogger<LifeCycles>.Instance);
        string[] uuids = [.. vms.Store.All.Select(o => o.Owner.Uuid)];
        long bytes = 0;
        var alone = Tick(race, vms, () => Task.Delay(Period * 40, TimeProvider.System));
        long recorded = ProcessMemory.AfterCollection().Anonymous;
        var archived = Tick(race, vms, () => ForAllAsync(uuids, u => hooks.ArchiveVmAsync(u, address: null, CancellationToken.None)));
        double written = race.Seconds(() => bytes = WritePlain(archives, uuids, disk.File("plain")));
        long left = ProcessMemory.AfterCollection().Anonymous;
        var restored = Tick(race, vms, () => ForAllAsync(uuids, u => hooks.PushVmAsync(u, CancellationToken.None)));
        long back = ProcessMemory.AfterCollection().Anonymous;
        string size = $"{Vms:#,0} VMs of {Sources} DS";
        yield return new Row($"{size}, archived", archived.Seconds, "its files written and synced", written, "s");
        yield return new Row($"{size}, restored", restored.Seconds, "its files written and synced", written, "s");
        yield return new Row($"{size}, archives", bytes / 1e6, "", double.NaN, "MB");
        yield return new Row("memory more, archiving, at most", (archived.Memory - recorded) / 1e6, "", double.NaN, "MB");
        yield return new Row("memory more, restoring, at most", (restored.Memory - left) / 1e6, "in use afterwards", (back - left) / 1e6, "MB");
        yield return new Row("longest tick, archiving", archived.Ticks.Max * 1e3, "nothing meanwhile", alone.Ticks.Max * 1e3, "ms");
        yield return new Row("longest tick, restoring", restored.Ticks.Max * 1e3, "nothing meanwhile", alone.Ticks.Max * 1e3, "ms");
        yield return new Row("latest tick, archiving", archived.Late.Max * 1e3, "nothing meanwhile", alone.Late.Max * 1e3, "ms");
        yield return new Row("latest tick, restoring", restored.Late.Max * 1e3, "nothing meanwhile", alone.Late.Max * 1e3, "ms");
    }

    private static async Task ForAllAsync(string[] uuids, Func<string, Task> work)
    {
        foreach (string uuid in uuids)
        {
            await work(uuid);
        }
    }

    /// <summary>The least that keeping them takes: the same bytes, each in a file of its own on the disk.</summary>
    /// <returns>How many bytes.</returns>
    private static long WritePlain(ArchiveFolder archives, string[] uuids, string folder)
    {
        Directory.CreateDirectory(folder);
        long bytes = 0;
        foreach (string uuid in uuids)
        {
            byte[] document = File.ReadAllBytes(archives.PathOf(uuid));
            using var file = File.Create(Path.Combine(folder, uuid));
            file.Write(document);
            file.Flush(flushToDisk: true);
            bytes += document.Length;
        }
        return bytes;
    }

    /// <summary>Ticks a hundred times as often as an agent while something is done, and does between ticks what that asks for.</summary>
    private static (double Seconds, Spread Ticks, Spread Late, long Memory) Tick(Race race, SampledVms vms, Func<Task> meanwhile)
    {
        var ticks = new List<double>();
        var late = new List<double>();
        long memory = 0;
        long started = TimeProvider.System.GetTimestamp();
        var task = Task.Run(meanwhile);
        using var pause = new ManualResetEvent(false);
        var due = Period;
        while (!task.IsCompleted)
        {
            vms.Sampler.Change();
            var elapsed = TimeProvider.System.GetElapsedTime(started);
            if (elapsed < due)
            {
                pause.WaitOne(1);
                continue;
            }
            late.Add((elapsed - due).TotalSeconds);
            vms.Publish();
            ticks.Add(race.Seconds(vms.Sampler.Tick));
            memory = Math.Max(memory, ProcessMemory.Of("self").Anonymous);
            due = TimeProvider.System.GetElapsedTime(started) + Period;
        }
        task.GetAwaiter().GetResult();
        return (TimeProvider.System.GetElapsedTime(started).TotalSeconds, Spread.Of(ticks), Spread.Of(late), memory);
    }

    private sealed class NoPeers : IPeers
    {
        public Task<bool> SendAsync(
            string address, string? session, string uuid, bool isArchive, Stream document, CancellationToken cancellationToken) =>
            throw new ArchiveFailedException("this host is alone");

        public Task<Stream> FetchArchiveAsync(string address, string uuid, CancellationToken cancellationToken) =>
            throw new ArchiveFailedException("this host is alone");
    }
}
