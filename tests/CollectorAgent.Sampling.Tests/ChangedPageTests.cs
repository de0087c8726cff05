using CollectorAgent.Protocol;
using CollectorAgent.Requirements;
using CollectorAgent.Store;
using Xunit.Abstractions;

namespace CollectorAgent.Sampling.Tests;

/// <summary>What a page costs, and what is recorded of it, when its data sources change.</summary>
[Collection(Alone.Name)]
public sealed class ChangedPageTests(ITestOutputHelper output) : IDisposable
{
    private readonly SamplerRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void One_new_name_on_a_wide_page_allocates_little()
    {
        const int Names = 20_000;
        var page = _rig.Add("wide");
        var sources = Enumerable.Range(0, Names).Select(n => SamplerRig.Gauge($"v{n}")).ToArray();
        Publish(page, sources);
        _rig.Tick();
        var allocated = new List<long>();
        for (int i = 0; i < 5; i++)
        {
            sources[i * 1000] = SamplerRig.Gauge($"new{i}");
            Publish(page, sources);
            long before = GC.GetAllocatedBytesForCurrentThread();
            _rig.Tick();
            allocated.Add(GC.GetAllocatedBytesForCurrentThread() - before);
        }

        // Arrays of references and places for what stands on the page, and copies of the directory of the file; not an object a name.
        Assert.InRange(allocated.Min(), 0, Names * 250);
        Assert.Equal(4000, _rig.Host("new4", 6));
        Assert.Equal(19_999, _rig.Host("v19999", 6));
    }

    [Fact]
    public void Column_that_goes_over_to_another_plugin_leaves_the_rest_of_its_tile_recorded()
    {
        var first = _rig.Add("first");
        var second = _rig.Add("second");
        _rig.Publish(first, 0.5, (SamplerRig.Gauge("a"), 1), (SamplerRig.Gauge("b"), 2));
        _rig.Tick();
        _rig.Publish(first, 0.5, (SamplerRig.Gauge("a"), 3));
        _rig.Tick();
        _rig.Publish(first, 0.5, (SamplerRig.Gauge("a"), 4));
        _rig.Publish(second, 0.5, (SamplerRig.Gauge("b"), 5));
        _rig.Tick();
        _rig.Publish(first, 0.5, (SamplerRig.Gauge("a"), 6));
        _rig.Publish(second, 0.5, (SamplerRig.Gauge("b"), 7));
        _rig.Tick();

        Assert.Equal([1, 3, 4, 6], Enumerable.Range(1, 4).Select(step => _rig.Host("a", step)));
        // The tile had ended the third step when its column was taken.
        Assert.Equal([2, double.NaN, double.NaN, 7], Enumerable.Range(1, 4).Select(step => _rig.Host("b", step)));
    }

    [Fact]
    public void Every_name_has_its_own_value_however_the_page_changes()
    {
        var random = Seed.Random(output);
        var page = _rig.Add("changing");
        List<ReportedSource> sources = [.. Enumerable.Range(0, 200).Select(n => Named(n, random))];
        for (int step = 1; step <= 60; step++)
        {
            for (int edits = random.Next(6); edits > 0; edits--)
            {
                Edit(sources, random);
            }
            if (random.Next(5) == 0)
            {
                _rig.Sampler.RetireUnknown();
            }
            var values = sources.ToDictionary(s => (s.Owner, s.Name), _ => (double)random.Next(1, 1_000_000));
            _rig.Publish(page, 0.5, [.. sources.Select(s => (s, values[(s.Owner, s.Name)]))]);
            _rig.Tick();

            Assert.All(values, v => Assert.Equal(v.Value, _rig.Value(v.Key.Owner.ToRrdOwner(), v.Key.Name, step)));
            int known = _rig.Store.All.Sum(o => o.Copy(r => r.DataSources.Count(s => !double.IsNaN(_rig.Value(o.Owner, s.Name, step)))));
            Assert.Equal(values.Count, known);
        }
    }

    [Fact]
    public void Pages_that_change_take_turns_and_none_is_left_behind()
    {
        const int Pages = 60;
        var clock = new SlowClock();
        using var rig = new SamplerRig(clock);
        MemoryPage[] pages = [.. Enumerable.Range(0, Pages).Select(i => rig.Add($"page{i:D2}"))];
        PublishAll("a");
        rig.Tick();
        clock.IsSlow = true;
        PublishAll("b");
        rig.Tick();
        int waiting = rig.Sampler.Report.WaitingPages;
        int ticks = 1;
        for (; rig.Sampler.Report.WaitingPages > 0 && ticks < Pages; ticks++)
        {
            PublishAll("b");
            rig.Tick();
        }

        Assert.InRange(waiting, 30, Pages - 1);
        Assert.InRange(ticks, 3, 20);
        Assert.All(Enumerable.Range(0, Pages), i => Assert.Equal(i, rig.Host($"b{i}", ticks + 1)));
        // A page that waited is late, not silent: its first sample speaks for the steps since the last one.
        Assert.All(rig.Sampler.Plugins, p => Assert.Equal(PluginState.Live, p.State));
        Assert.Null(rig.Sampler.Report.TickSince);

        void PublishAll(string name)
        {
            for (int i = 0; i < Pages; i++)
            {
                rig.Publish(pages[i], 0.5, (SamplerRig.Gauge($"{name}{i}"), i));
            }
        }
    }

    [Fact]
    public void Sample_that_had_to_wait_counts_though_no_other_follows_it()
    {
        const int Pages = 60;
        var clock = new SlowClock { IsSlow = true };
        using var rig = new SamplerRig(clock);
        for (int i = 0; i < Pages; i++)
        {
            rig.Publish(rig.Add($"page{i:D2}"), 0.5, (SamplerRig.Gauge($"a{i}"), i));
        }
        rig.Tick();
        Assert.InRange(rig.Sampler.Report.WaitingPages, 1, Pages - 1);

        for (int tick = 0; rig.Sampler.Report.WaitingPages > 0 && tick < Pages; tick++)
        {
            rig.Tick();
        }

        Assert.All(rig.Sampler.Plugins, p => Assert.False(double.IsNaN(p.LastSample), $"{p.Uid} was never recorded"));
    }

    [Fact]
    public void Tick_under_way_is_seen_with_its_beginning()
    {
        var page = new WatchedPage(() => _rig.Sampler.Report.TickSince);
        Assert.True(_rig.Sampler.TryAdd("watched", page, PagePermit.Unlimited));
        _rig.Tick();

        Assert.Equal(_rig.Wall, page.Seen);
        Assert.Null(_rig.Sampler.Report.TickSince);
    }

    private static void Edit(List<ReportedSource> sources, Random random)
    {
        int place = random.Next(sources.Count);
        switch (random.Next(5))
        {
            case 0:
                sources.RemoveRange(place, Math.Min(random.Next(1, 4), sources.Count - place));
                break;
            case 1:
                var added = Named(random.Next(1000), random);
                if (!sources.Exists(s => s.Owner == added.Owner && s.Name == added.Name))
                {
                    sources.Insert(place, added);
                }
                break;
            case 2:
                sources[place] = sources[place] with { Max = random.Next(2_000_000, 3_000_000) };
                break;
            case 3:
                sources[place] = sources[place] with { Description = $"said anew: {random.Next()}" };
                break;
            case 4:
                int other = random.Next(sources.Count);
                (sources[place], sources[other]) = (sources[other], sources[place]);
                break;
        }
    }

    /// <summary>Of one of three owners; a name says whose it is.</summary>
    private static ReportedSource Named(int number, Random random)
    {
        int owner = random.Next(3);
        return SamplerRig.Gauge($"v{number}_{owner}") with
        {
            Owner = owner == 0 ? Owner.Host : new Owner(OwnerKind.Vm, $"5b7a1c1e-0000-4000-8000-{owner:D12}"),
        };
    }

    private void Publish(MemoryPage page, ReportedSource[] sources) => _rig.Publish(page, 0.5, [.. sources.Select((s, i) => (s, (double)i))]);

    /// <summary>An empty page that notes what it sees while it is read.</summary>
    private sealed class WatchedPage(Func<double?> look) : IPageSource
    {
        public double? Seen { get; private set; }

        public int Read(long offset, Span<byte> buffer)
        {
            Seen = look();
            return 0;
        }
    }
}
