using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Sampling;
using CollectorAgent.Store;

namespace CollectorAgent.Benchmarks;

/// <summary>How long each change holds the thread that ticks, on an agent with 100,000 data sources: 100 VMs of 1,000, with full rings.</summary>
/// <remarks>In processor time of that thread, so that what else runs on the machine does not count.</remarks>
internal static class ChangesBenchmark
{
    private const int Vms = 100;
    private const int Sources = 1000;
    private const double LimitMs = 50;

    public static IEnumerable<Row> Run(Race _)
    {
        using var vms = new SampledVms(Vms, Sources);
        vms.Publish();
        vms.Sampler.Tick();
        var random = new Random(1);
        foreach (var owned in vms.Store.All)
        {
            lock (owned.Gate)
            {
                foreach (var tile in owned.Rrd.Tiles)
                {
                    FullHistory.Put(tile, random);
                }
            }
        }
        yield return Longest("a tick", Ticks(vms, 5));
        var owners = vms.Store.All.Select(o => o.Owner).ToList();
        yield return Longest("copy of 1,000 for an archive", owners[1..4].Select(o => Locked(vms, o)));

        var full = Full(random);
        yield return Longest("join of 1,000 with those that are there", Parts(vms, s => s.JoinAsync(owners[0], full)));
        yield return Longest("the tick after it", Ticks(vms, 1));
        var newcomer = new RrdOwner(RrdOwnerKind.Vm, "00000000-0000-4000-8000-ffffffffffff");
        yield return Longest("join of 1,000 that were not there", Parts(vms, s => s.JoinAsync(newcomer, full)));
        var all = new RrdOwner(RrdOwnerKind.Vm, "00000000-0000-4000-8000-fffffffffffe");
        yield return Longest("join, with minima and maxima", Parts(vms, s => s.KeepMinMaxAsync(true), s => s.JoinAsync(all, full)));
        yield return Longest("removal of 10 of 1,000", Parts(vms, s => s.ForgetAsync(owners[1], n => n.EndsWith("00", StringComparison.Ordinal))));
        yield return Longest("the tick after it", Ticks(vms, 1));
        yield return Longest("removal of a VM", Parts(vms, s => s.RemoveAsync(owners[2], null)));
        foreach (int page in Enumerable.Range(0, Vms))
        {
            vms.Sampler.TryRemove($"plugin{page}");
        }
        yield return Longest("all pages are gone: the tick", Ticks(vms, 1));
        yield return Longest("a claim by another plugin: the ticks", Claim(vms, owners[3]));
        yield return Longest("a look for what is unknown", Enumerable.Range(0, 200).Select(_ => ThreadClock.Milliseconds(vms.Sampler.RetireUnknown)));
    }

    private static RoundRobinDatabase Full(Random random)
    {
        var rrd = new RoundRobinDatabase(ArchiveLayout.AveragesMinMax);
        foreach (var columns in Workload.Columns(Sources).Chunk(Tile.MaxColumns))
        {
            var tile = new Tile(rrd.Layout, columns, Workload.FirstStep);
            FullHistory.Put(tile, random);
            rrd.Add(tile);
        }
        return rrd;
    }

    /// <summary>How long a snapshot holds an owner's lock, for which a tick would wait.</summary>
    private static double Locked(SampledVms vms, RrdOwner owner)
    {
        var owned = vms.Store.Find(owner)!;
        return ThreadClock.Milliseconds(() => owned.Copy(r => r.Snapshot()));
    }

    private static IEnumerable<double> Ticks(SampledVms vms, int count)
    {
        for (int i = 0; i < count; i++)
        {
            vms.Publish();
            yield return ThreadClock.Milliseconds(vms.Sampler.Tick);
        }
    }

    /// <summary>Each part of some changes, one after the other.</summary>
    private static IEnumerable<double> Parts(SampledVms vms, params Func<Sampler, Task>[] changes)
    {
        foreach (var change in changes)
        {
            var done = change(vms.Sampler);
            do
            {
                yield return ThreadClock.Milliseconds(vms.Sampler.Change);
                Thread.Yield();
            }
            while (!done.IsCompleted);
            done.GetAwaiter().GetResult();
        }
    }

    /// <summary>Another plugin reports all that a VM has, with other bounds: each column is composed anew.</summary>
    private static IEnumerable<double> Claim(SampledVms vms, RrdOwner owner)
    {
        var page = new ChurnedAgent.MemoryPage();
        vms.Sampler.TryAdd("other", page, PagePermit.Unlimited);
        var names = vms.Store.Find(owner)!.Copy(r => r.DataSources.ToList());
        ReportedSource[] sources =
        [
            .. names.Select(s => new ReportedSource(s.Name)
            {
                Owner = new Owner(OwnerKind.Vm, owner.Uuid),
                Type = s.Type == DataSourceType.Gauge ? ReportedType.Gauge : ReportedType.Derive,
                IsInteger = s.IsInteger,
                IsDefault = true,
                Max = 1e12,
            }),
        ];
        for (int tick = 0; tick < 6; tick++)
        {
            vms.Publish();
            page.Bytes = PageWriter.Version2((vms.Time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds - 1, sources, new long[sources.Length]);
            yield return ThreadClock.Milliseconds(vms.Sampler.Tick);
        }
    }

    private static Row Longest(string what, IEnumerable<double> milliseconds) => new($"{what}, longest", milliseconds.Max(), "the limit", LimitMs, "ms");
}
