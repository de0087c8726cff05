using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Sampling;
using CollectorAgent.Store;

namespace CollectorAgent.Benchmarks;

/// <summary>One tick over the pages of a thousand plugins, and where its time goes.</summary>
internal static class PluginsBenchmark
{
    private const int WarmUpTicks = 24;
    private const int Ticks = 240;

    private static readonly ScaleShape Shape = new(100_000, 1_000, 1_000);

    // More than the caches hold: between two ticks of an agent other programs use them.
    private static readonly byte[] Elsewhere = new byte[128 << 20];

    public static IEnumerable<Row> Run(Race race)
    {
        using var pages = new ScratchFolder();
        using var otherPages = new ScratchFolder();
        using var disk = ScratchFolder.OnDisk();
        var fleet = new PageFleet(Shape, pages.Path);
        using var vms = new SampledVms(fleet, disk.File("ticked"), Workload.FirstStep - Ticks / 2);
        using var staged = new Stages(new PageFleet(Shape, otherPages.Path), disk.File("staged"));
        var ticks = new List<double>(Ticks);
        var bare = new List<double>(Ticks);
        List<double>[] stages = [.. Enumerable.Range(0, Stages.Count).Select(_ => new List<double>(Ticks))];
        for (int i = -WarmUpTicks; i < Ticks; i++)
        {
            vms.Publish();
            double tick = Cold(race, vms.Sampler.Tick);
            double read = Cold(race, fleet.ReadBare);
            staged.Publish();
            Array.Fill(Elsewhere, (byte)1);
            double[] parts = staged.Tick();
            if (i >= 0)
            {
                ticks.Add(tick);
                bare.Add(read);
                foreach (var (place, part) in parts.Index())
                {
                    stages[place].Add(part);
                }
            }
        }
        const string Size = "1,000 pages of 100 DS";
        const string Against = "reads and checksums alone";
        var (whole, limit) = (Spread.Of(ticks), Spread.Of(bare));
        double noise = whole.Median / ticks.Min();
        yield return new Row($"{Size}, p50", whole.Median * 1e3, Against, limit.Median * 1e3, "ms/tick", noise);
        yield return new Row($"{Size}, p99", whole.P99 * 1e3, Against, limit.P99 * 1e3, "ms/tick", noise);
        double[] medians = [.. stages.Select(s => Spread.Of(s).Median)];
        foreach (var (name, seconds) in Stages.Names.Zip(medians).Append(("everything else", whole.Median - medians.Sum())))
        {
            yield return new Row($"{name}, p50", seconds * 1e3, "the tick", whole.Median * 1e3, "ms/tick");
        }
    }

    private static double Cold(Race race, Action action)
    {
        Array.Fill(Elsewhere, (byte)1);
        return race.Seconds(action);
    }

    /// <summary>The loop of a tick with a clock between its parts, over a store of its own whose tiles the sampler has made.</summary>
    private sealed class Stages : IDisposable
    {
        public static readonly string[] Names = ["reading, checksum, decoding", "routing to columns", "update of the tiles"];

        private readonly PageFleet _fleet;
        private readonly SampledVms _vms;
        private readonly (PageReader Reader, FilePageSource Source, OwnedRrd Owned, Tile Tile, int[] ValueOf, bool[] Known)[] _plugins;
        private readonly long[] _raw = new long[Shape.SourcesOfPage];
        private long _step = Workload.FirstStep - Ticks / 2;

        public Stages(PageFleet fleet, string store)
        {
            _fleet = fleet;
            _vms = new SampledVms(fleet, store, _step);
            _vms.Publish();
            _vms.Sampler.Tick();
            _step = _vms.Store.LastStep;
            var owners = _vms.Store.All.ToDictionary(o => o.Owner.Uuid);
            _plugins = [.. fleet.Pages.Select(p => Plugin(p.Open(), owners))];
        }

        public static int Count => Names.Length;

        public void Publish() => _fleet.Publish(++_step * ArchiveLayout.StandardStepSeconds + 1);

        /// <summary>Seconds in each stage.</summary>
        public double[] Tick()
        {
            var time = TimeProvider.System;
            double[] seconds = new double[Count];
            long started = time.GetTimestamp();
            foreach (var plugin in _plugins)
            {
                plugin.Reader.Read(plugin.Source);
                long read = time.GetTimestamp();
                for (int i = 0; i < _raw.Length; i++)
                {
                    _raw[i] = plugin.Reader.Values[plugin.ValueOf[i]];
                }
                long routed = time.GetTimestamp();
                lock (plugin.Owned.Gate)
                {
                    plugin.Tile.Update(plugin.Reader.Timestamp, _raw, plugin.Known, _step);
                }
                long updated = time.GetTimestamp();
                seconds[0] += time.GetElapsedTime(started, read).TotalSeconds;
                seconds[1] += time.GetElapsedTime(read, routed).TotalSeconds;
                seconds[2] += time.GetElapsedTime(routed, updated).TotalSeconds;
                started = updated;
            }
            return seconds;
        }

        public void Dispose()
        {
            foreach (var plugin in _plugins)
            {
                plugin.Source.Dispose();
            }
            _vms.Dispose();
        }

        private static (PageReader, FilePageSource, OwnedRrd, Tile, int[], bool[]) Plugin(FilePageSource source, Dictionary<string, OwnedRrd> owners)
        {
            var reader = new PageReader();
            reader.Read(source);
            var owned = owners[reader.Sources[0].Owner.Uuid];
            var tile = owned.Rrd.Tiles[0];
            string[] names = [.. reader.Sources.Select(s => s.Name)];
            int[] places = [.. tile.Columns.Select(c => Array.IndexOf(names, c.Name))];
            return (reader, source, owned, tile, places, [.. places.Select(_ => true)]);
        }
    }
}
