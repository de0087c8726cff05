using CollectorAgent.Protocol;

namespace CollectorAgent.Sampling.Tests;

/// <summary>Plugins that are late, silent, gone, or lie.</summary>
public sealed class SilenceTests : IDisposable
{
    private readonly SamplerRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Late_plugin_speaks_for_the_gap_with_its_next_sample(int lateTicks)
    {
        var page = Start();
        Skip(lateTicks);

        Assert.Equal(PluginState.Late, _rig.Sampler.Plugins[0].State);
        Publish(page, 2 + lateTicks);

        Assert.All(Enumerable.Range(3, lateTicks + 1), step => Assert.Equal(100, _rig.Host("c", step), 1e-9));
        Assert.Equal(PluginState.Live, _rig.Sampler.Plugins[0].State);
    }

    [Fact]
    public void Silent_plugin_is_unknown_at_once_and_starts_anew()
    {
        var page = Start();
        Skip(3);

        Assert.Equal(PluginState.Silent, _rig.Sampler.Plugins[0].State);
        Publish(page, 5);
        Publish(page, 6);

        Assert.All(Enumerable.Range(3, 4), step => Assert.Equal(double.NaN, _rig.Host("c", step)));
        Assert.Equal(100, _rig.Host("c", 7), 1e-9);
    }

    [Fact]
    public void Gone_plugin_is_unknown_at_once_and_its_history_goes_over_to_its_heir()
    {
        Start();
        Assert.True(_rig.Sampler.TryRemove("p"));
        _rig.Tick();

        Assert.Empty(_rig.Sampler.Plugins);
        Assert.Equal(double.NaN, _rig.Host("c", 3));
        var heir = _rig.Add("heir");
        Publish(heir, 3);
        Publish(heir, 4);
        Assert.Equal(100, _rig.Host("c", 2), 1e-9);
        Assert.Equal(100, _rig.Host("c", 5), 1e-9);
    }

    [Fact]
    public void Last_sample_of_a_plugin_that_says_farewell_is_kept()
    {
        var page = Start();
        _rig.Publish(page, 0.5, (SamplerRig.Counter("c"), 1000));
        Assert.True(_rig.Sampler.TryRemove("p"));
        Skip(2);

        Assert.Equal(100, _rig.Host("c", 3), 1e-9);
        Assert.Equal(double.NaN, _rig.Host("c", 4));
    }

    [Fact]
    public void Data_source_that_leaves_the_page_is_unknown_at_once_while_others_go_on()
    {
        var page = _rig.Add("p");
        _rig.Publish(page, 0.5, (SamplerRig.Gauge("a"), 1), (SamplerRig.Gauge("b"), 1));
        _rig.Tick();
        _rig.Publish(page, 0.5, (SamplerRig.Gauge("b"), 2));
        _rig.Tick();
        _rig.Publish(page, 0.5, (SamplerRig.Gauge("b"), 3), (SamplerRig.Gauge("a"), 3));
        _rig.Tick();

        Assert.Equal([1, double.NaN, 3], [_rig.Host("a", 1), _rig.Host("a", 2), _rig.Host("a", 3)]);
        Assert.Equal([1, 2, 3], [_rig.Host("b", 1), _rig.Host("b", 2), _rig.Host("b", 3)]);
    }

    [Fact]
    public void Bad_page_costs_one_sample_and_its_own_plugin_only()
    {
        var page = Start();
        var other = _rig.Add("other");
        _rig.Publish(other, 0.5, (SamplerRig.Gauge("g"), 7));
        _rig.Publish(page, 0.5, (SamplerRig.Counter("c"), 1000));
        page.Bytes[35] ^= 1;
        _rig.Tick();
        var failing = _rig.Sampler.Plugins.Single(p => p.Uid == "p");
        Publish(page, 3);

        Assert.Equal((PluginState.Failing, PageStatus.InvalidChecksum), (failing.State, failing.Status));
        Assert.Equal(1, failing.Counts[(int)PageStatus.InvalidChecksum]);
        Assert.Equal(double.NaN, _rig.Host("c", 3));
        Assert.Equal(100, _rig.Host("c", 4), 1e-9);
        Assert.Equal(7, _rig.Host("g", 3));
    }

    [Fact]
    public void Unchanged_page_starts_no_back_off()
    {
        var page = Start();
        for (int i = 0; i < 50; i++)
        {
            _rig.Tick();
        }
        Publish(page, 52);
        Publish(page, 53);

        Assert.Equal(100, _rig.Host("c", 54), 1e-9);
    }

    [Fact]
    public void Time_stamp_from_the_future_is_named_and_unknown()
    {
        var page = Start();
        _rig.Publish(page, -3600, (SamplerRig.Counter("c"), 1000));
        Skip(4);

        var plugin = _rig.Sampler.Plugins[0];
        Assert.Equal((PluginState.Failing, PageStatus.FutureTimestamp), (plugin.State, plugin.Status));
        Assert.Equal(
            "Its newest sample is 3585 s ahead of this host's clock (limit 5 s). Set the clock by which the plugin stamps its samples, or this host's",
            plugin.Detail);
        Assert.Equal(double.NaN, _rig.Host("c", 3));
    }

    [Fact]
    public void Samples_of_a_clock_that_is_behind_are_said_to_be_too_old()
    {
        var page = _rig.Add("behind");
        for (int tick = 0; tick < 4; tick++)
        {
            _rig.Publish(page, 1000, (SamplerRig.Gauge("g"), 1));
            _rig.Tick();
        }

        var plugin = _rig.Sampler.Plugins[0];
        Assert.Equal((PluginState.Silent, PageStatus.Unchanged), (plugin.State, plugin.Status));
        Assert.Equal(
            "Its newest sample is 1000 s old by this host's clock (limit 300 s). Set the clock by which the plugin stamps its samples, or this host's",
            plugin.Detail);
    }

    [Fact]
    public void Page_left_behind_by_a_plugin_of_old_says_nothing()
    {
        var page = _rig.Add("p");
        _rig.Publish(page, 3600, (SamplerRig.Gauge("g"), 1));
        _rig.Tick();

        Assert.Equal(PluginState.Waiting, _rig.Sampler.Plugins[0].State);
        Assert.Empty(_rig.Store.All);
    }

    [Fact]
    public void Page_that_is_empty_before_its_first_sample_is_waited_for()
    {
        var page = _rig.Add("p");
        Skip(2);
        Assert.Equal(PluginState.Waiting, _rig.Sampler.Plugins[0].State);

        Publish(page, 0);
        Assert.Equal(PluginState.Live, _rig.Sampler.Plugins[0].State);
    }

    [Fact]
    public void Page_that_stays_empty_is_failing_with_its_reason()
    {
        _rig.Add("p");
        Skip(3);

        Assert.Equal((PluginState.Failing, PageStatus.Truncated), (_rig.Sampler.Plugins[0].State, _rig.Sampler.Plugins[0].Status));
    }

    /// <summary>A plugin with a counter that grows by 500 a step, after two samples.</summary>
    private MemoryPage Start()
    {
        var page = _rig.Add("p");
        Publish(page, 0);
        Publish(page, 1);
        return page;
    }

    private void Publish(MemoryPage page, int steps)
    {
        _rig.Publish(page, 0.5, (SamplerRig.Counter("c"), 500 * steps));
        _rig.Tick();
    }

    private void Skip(int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            _rig.Tick();
        }
    }
}
