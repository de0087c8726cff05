using CollectorAgent.Native;
using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>What an RRD takes on the disk when it is new, after an hour, and with a full year.</summary>
internal static class DiskBenchmark
{
    public static IEnumerable<Row> Run(Race _)
    {
        foreach (int count in new[] { 30, 1_000 })
        {
            foreach (bool isHost in new[] { false, true })
            {
                foreach (var row in Grow(count, isHost))
                {
                    yield return row;
                }
            }
        }
    }

    private static IEnumerable<Row> Grow(int count, bool isHost)
    {
        using var pages = new ScratchFolder();
        using var disk = ScratchFolder.OnDisk();
        // Two owners, so that they are VMs.
        var shape = isHost ? new ScaleShape(count, 1, 1) : new ScaleShape(2 * count, 2, 2);
        using var vms = new SampledVms(new PageFleet(shape, pages.Path), disk.File("store"), Workload.FirstStep);
        string size = $"{count:#,0} DS of a {(isHost ? "host" : "VM")}";
        double cells = (isHost ? ArchiveLayout.AveragesMinMax : ArchiveLayout.Averages).Rras.Sum(r => r.Rows) * sizeof(double);
        Ticks(vms, 2);
        yield return Against($"{size}, new");
        Ticks(vms, Workload.HourSteps);
        yield return Against($"{size}, an hour");
        foreach (var owned in vms.Store.All)
        {
            owned.Copy(rrd =>
            {
                FullHistory.Put(rrd.Tiles[0], new Random(1));
                return true;
            });
        }
        Ticks(vms, 2);
        yield return Against($"{size}, a full year");

        Row Against(string what)
        {
            vms.Sync.Sync();
            double bytes = Directory.EnumerateFiles(disk.Path, "*.rrd", SearchOption.AllDirectories).Sum(f => (long)PosixFile.Status(f).AllocatedBytes);
            return new Row(what, bytes / shape.Sources, "cells of the archives", cells, "bytes/DS on disk");
        }
    }

    private static void Ticks(SampledVms vms, int count)
    {
        for (int i = 0; i < count; i++)
        {
            vms.Publish();
            vms.Sampler.Tick();
        }
    }
}
