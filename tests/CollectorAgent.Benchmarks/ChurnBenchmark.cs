using System.Diagnostics;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Benchmarks;

/// <summary>A simulated hour of a plugin whose names change with every sample, beside one whose names stay.</summary>
internal static class ChurnBenchmark
{
    private const int Names = 1000;
    private const int Steps = 3600 / ArchiveLayout.StandardStepSeconds;

    public static IEnumerable<Row> Run(Race race)
    {
        foreach (bool isChanging in new[] { false, true })
        {
            foreach (var row in Run(race, isChanging))
            {
                yield return row;
            }
        }
    }

    private static IEnumerable<Row> Run(Race race, bool isChanging)
    {
        using var disk = ScratchFolder.OnDisk();
        var time = new ManualTime(DateTimeOffset.FromUnixTimeSeconds(Workload.FirstStep * ArchiveLayout.StandardStepSeconds + 2));
        using var store = new RrdStore(new StoreOptions(disk.File("store")), NullLogger.Instance);
        var sync = new StoreSync(store, time, NullLogger.Instance);
        using var sampler = new Sampler(store, time, NullLogger<Sampler>.Instance);
        var page = new Page();
        sampler.TryAdd("churn", page, PagePermit.Unlimited);
        var ticks = new List<double>();
        var halves = new List<(long Disk, long Memory)>();
        for (int i = 0; i < Steps; i++)
        {
            time.Advance(TimeSpan.FromSeconds(ArchiveLayout.StandardStepSeconds));
            double wall = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
            var sources = Enumerable.Range(0, Names).Select(n =>
                new ReportedSource(isChanging ? $"x{i}_{n}" : $"x{n}") { Type = ReportedType.Gauge, IsDefault = true });
            page.Bytes = PageWriter.Version2(wall - 1, [.. sources], new long[Names]);
            ticks.Add(race.Seconds(sampler.Tick) * 1000);
            sampler.RetireUnknown();
            if (i % 6 == 0)
            {
                sync.Sync();
            }
            if (i + 1 == Steps / 2 || i + 1 == Steps)
            {
                sync.Sync();
                halves.Add((sync.Report.BytesOnDisk, Process.GetCurrentProcess().WorkingSet64));
            }
        }
        ticks.Sort();
        string what = isChanging ? $"{Names:#,0} new names a tick" : $"{Names:#,0} names that stay";
        yield return new Row($"{what}, tick p50", ticks[Steps / 2], "a step", 5000, "ms");
        yield return new Row($"{what}, tick p99", ticks[Steps * 99 / 100], "the limit", 50, "ms");
        yield return new Row($"{what}, longest tick", ticks[^1], "the limit", 50, "ms");
        yield return new Row($"{what}, disk after an hour", Mebibytes(halves[1].Disk), "after half an hour", Mebibytes(halves[0].Disk), "MiB");
        yield return new Row($"{what}, memory after an hour", Mebibytes(halves[1].Memory), "after half an hour", Mebibytes(halves[0].Memory), "MiB");
        yield return new Row(
            $"{what}, data sources kept", store.All.Sum(r => r.Copy(d => d.DataSources.Count())), "the limit", RoundRobinDatabase.MaxUnreported + Names, "");
    }

    private static double Mebibytes(long bytes) => bytes / (double)(1 << 20);

    private sealed class Page : IPageSource
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
