using CollectorAgent.Protocol;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling.Tests;

/// <summary>What a page costs, and what is recorded of it, when its data sources change.</summary>
public sealed class ChangedPageTests : IDisposable
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

        // Two arrays of references for what stands on the page, and some of places; not an object a name.
        Assert.InRange(allocated.Min(), 0, Names * 50);
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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_name_has_its_own_value_however_the_page_changes(int seed)
    {
        var random = new Random(seed);
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
}
