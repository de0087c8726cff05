using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>What a data source takes, with its definition and its name.</summary>
internal static class MemoryBenchmark
{
    public static IEnumerable<Row> Run(Race race)
    {
        foreach (var (layout, name) in new[] { (ArchiveLayout.Averages, "averages"), (ArchiveLayout.AveragesMinMax, "with min and max") })
        {
            foreach (int count in new[] { 1_000, 10_000 })
            {
                double ours = Managed(layout, count);
                yield return new Row(
                    $"{count:#,0} DS, {name}", ours, Librrd.IsMissing ? "librrd: not installed" : "librrd's file", File(layout, count), "bytes/DS");
                yield return new Row($"{count:#,0} DS, {name}", ours, "cells of the archives", Cells(layout), "bytes/DS");
            }
        }
    }

    private static double Managed(ArchiveLayout layout, int count)
    {
        long before = GC.GetTotalMemory(forceFullCollection: true);
        var tile = new Tile(layout, Workload.Columns(count), Workload.FirstStep);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(tile);
        return (after - before) / (double)count;
    }

    private static double File(ArchiveLayout layout, int count)
    {
        if (Librrd.IsMissing)
        {
            return double.NaN;
        }
        using var folder = new ScratchFolder();
        using var peer = new Librrd(folder.File("peer.rrd"), layout, count);
        return peer.SizeBytes / (double)count;
    }

    private static double Cells(ArchiveLayout layout) => layout.Rras.Sum(r => r.Rows) * (double)sizeof(double);
}
