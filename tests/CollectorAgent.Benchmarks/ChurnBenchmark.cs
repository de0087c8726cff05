using System.Diagnostics;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>Plugins whose names change: all of a page for an hour, one of a wide page, those of many pages at once.</summary>
/// <remarks>Ticks are measured in processor time of their thread.</remarks>
internal static class ChurnBenchmark
{
    private const int Names = 1000;
    private const int WideNames = 20_000;
    private const int WideTicks = 120;
    private const int Steps = 3600 / ArchiveLayout.StandardStepSeconds;

    public static IEnumerable<Row> Run(Race _) =>
        [.. Hour(isChanging: false), .. Hour(isChanging: true), .. WidePage(), .. ManyPages(600), .. ManyPages(2000)];

    private static IEnumerable<Row> Hour(bool isChanging)
    {
        using var agent = new ChurnedAgent();
        var page = agent.Add("churn");
        var ticks = new List<double>();
        var halves = new List<(long Disk, long Memory)>();
        for (int i = 0; i < Steps; i++)
        {
            double wall = agent.Advance();
            var sources = Enumerable.Range(0, Names).Select(n => Source(isChanging ? $"x{i}_{n}" : $"x{n}"));
            page.Bytes = PageWriter.Version2(wall - 1, [.. sources], new long[Names]);
            ticks.Add(ThreadClock.Milliseconds(agent.Sampler.Tick));
            agent.Sampler.RetireUnknown();
            if (i % 6 == 0)
            {
                agent.Sync.Sync();
            }
            if (i + 1 == Steps / 2 || i + 1 == Steps)
            {
                agent.Sync.Sync();
                halves.Add((agent.Sync.Report.BytesOnDisk, Process.GetCurrentProcess().WorkingSet64));
            }
        }
        ticks.Sort();
        string what = isChanging ? $"{Names:#,0} new names a tick" : $"{Names:#,0} names that stay";
        yield return new Row($"{what}, tick p50", ticks[Steps / 2], "a step", 5000, "ms");
        yield return new Row($"{what}, tick p99", ticks[Steps * 99 / 100], "the limit", 50, "ms");
        yield return new Row($"{what}, longest tick", ticks[^1], "the limit", 50, "ms");
        yield return new Row($"{what}, disk after an hour", Mebibytes(halves[1].Disk), "after half an hour", Mebibytes(halves[0].Disk), "MiB");
        yield return new Row($"{what}, memory after an hour", Mebibytes(halves[1].Memory), "after half an hour", Mebibytes(halves[0].Memory), "MiB");
        yield return new Row($"{what}, data sources kept", agent.Columns, "the limit", RoundRobinDatabase.MaxUnreported + Names, "");
    }

    /// <summary>One name of a wide page is another one with each sample; beside it the reading of the same page by itself.</summary>
    private static IEnumerable<Row> WidePage()
    {
        using var agent = new ChurnedAgent();
        var page = agent.Add("wide");
        var reader = new PageReader();
        var sources = Enumerable.Range(0, WideNames).Select(n => Source($"disk_{n}_read_latency")).ToArray();
        var values = new long[WideNames];
        var ticks = new List<double>();
        var reads = new List<double>();
        for (int i = 0; i < WideTicks; i++)
        {
            double wall = agent.Advance();
            sources[i * 7919 % WideNames] = Source($"disk_of_tick_{i}_read_latency");
            page.Bytes = PageWriter.Version2(wall - 1, sources, values);
            reads.Add(ThreadClock.Milliseconds(() => reader.Read(page)));
            ticks.Add(ThreadClock.Milliseconds(agent.Sampler.Tick));
            agent.Sampler.RetireUnknown();
        }
        // The first sample begins all of them.
        ticks.RemoveAt(0);
        reads.RemoveAt(0);
        var beyond = ticks.Zip(reads, (t, r) => t - r).Order().ToList();
        ticks.Sort();
        reads.Sort();
        string what = $"1 new name of {WideNames:#,0} a tick";
        double noise = ticks[ticks.Count / 2] / ticks[0];
        yield return new Row($"{what}, tick p50", ticks[ticks.Count / 2], "the page's reading", reads[reads.Count / 2], "ms", noise);
        yield return new Row($"{what}, tick p99", ticks[ticks.Count * 99 / 100], "the limit", 50, "ms");
        yield return new Row($"{what}, best tick", ticks[0], "the page's reading", reads[0], "ms");
        yield return new Row($"{what}, beyond the reading, p50", beyond[beyond.Count / 2], "the limit", 10, "ms");
    }

    /// <summary>Pages of one data source each, as files, all of which have another name in one tick.</summary>
    private static IEnumerable<Row> ManyPages(int count)
    {
        using var folder = new ScratchFolder();
        using var agent = new ChurnedAgent();
        foreach (int i in Enumerable.Range(0, count))
        {
            using var page = new PageFile(folder.File($"page{i}"), [Source($"a{i}")]);
            agent.Sampler.TryAdd($"page{i}", page.Open(), PagePermit.Unlimited);
        }
        var ticks = new List<double>();
        var settled = new List<int>();
        foreach (string name in (string[])["a", "b", "c"])
        {
            int started = ticks.Count;
            do
            {
                double wall = agent.Advance();
                foreach (int i in Enumerable.Range(0, count))
                {
                    using var page = new PageFile(folder.File($"page{i}"), [Source($"{name}{i}")]);
                    page.Publish(wall - 1, [0]);
                }
                ticks.Add(ThreadClock.Milliseconds(agent.Sampler.Tick));
                agent.Sampler.RetireUnknown();
            }
            while (agent.Sampler.Report.WaitingPages > 0);
            settled.Add(ticks.Count - started);
        }
        string what = $"{count:#,0} pages of one name";
        yield return new Row($"{what} begin, longest tick", ticks[..settled[0]].Max(), "the limit", 50, "ms");
        yield return new Row($"{what} begin, all recorded after", settled[0], "the heartbeat", 60, "ticks");
        yield return new Row($"{what} change, longest tick", ticks[settled[0]..].Max(), "the limit", 50, "ms");
        yield return new Row($"{what} change, all recorded after", settled[1..].Max(), "the heartbeat", 60, "ticks");
        yield return new Row($"{what} change, all ticks", ticks[settled[0]..].Sum() / 2, "a step", 5000, "ms");
    }

    private static ReportedSource Source(string name) => new(name) { Type = ReportedType.Gauge, IsDefault = true };

    private static double Mebibytes(long bytes) => bytes / (double)(1 << 20);
}
