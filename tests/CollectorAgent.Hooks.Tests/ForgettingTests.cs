using CollectorAgent.Protocol;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;

namespace CollectorAgent.Hooks.Tests;

/// <summary>Data sources that are forgotten by pattern.</summary>
public sealed class ForgettingTests : IDisposable
{
    private static readonly Owner Vm = new(OwnerKind.Vm, "5b7a1c1e-0000-4000-8000-000000000001");

    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(HostRig.Origin + 2));
    private readonly HostRig _host;

    public ForgettingTests() => _host = new HostRig(new Network(), "a", _time);

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task What_matches_goes_with_its_history_and_nothing_else_does()
    {
        Tick("a1", "a2", "b1");
        Tick("b1");
        var matching = _host.Sources.Matching(null, "a*");
        await _host.DoAsync(() => _host.Sources.ForgetMatchingAsync(null, "a?"));
        Tick("b1");

        Assert.Equal(["host a1", "host a2", "vm a1", "vm a2"], matching.Select(m => $"{m.Owner.Kind.ToString().ToLowerInvariant()} {m.Name}").Order());
        Assert.All(matching, m => Assert.False(m.IsReported));
        Assert.Equal(["b1", "b1"], _host.Sources.Matching(null, "*").Select(m => m.Name));
        Assert.Equal([1, 2, 3], _host.Known(RrdOwner.Host, "b1").Keys);
    }

    [Fact]
    public async Task What_a_plugin_reports_comes_back_without_its_history()
    {
        Tick("a1");
        Tick("a1");
        await _host.DoAsync(() => _host.Sources.ForgetMatchingAsync(RrdOwner.Host, "*"));
        Tick("a1");

        Assert.Equal([3], _host.Known(RrdOwner.Host, "a1").Keys);
        Assert.Equal([1, 2, 3], _host.Known(Vm.ToRrdOwner(), "a1").Keys);
    }

    [Fact]
    public async Task Owner_of_which_nothing_is_left_goes_with_its_file()
    {
        Tick("a1");
        _host.Report((HostRig.Gauge(Owner.Host, "a1"), 1));
        _time.Advance(TimeSpan.FromSeconds(HostRig.Step));
        _host.Tick();
        await _host.DoAsync(() => _host.Sources.ForgetMatchingAsync(Vm.ToRrdOwner(), "*"));
        _host.Restart();

        Assert.Equal(RrdOwner.Host, Assert.Single(_host.Store.All).Owner);
    }

    private void Tick(params string[] names)
    {
        _host.Report([.. names.SelectMany(n => new[] { (HostRig.Gauge(Owner.Host, n), 1.0), (HostRig.Gauge(Vm, n), 1.0) })]);
        _time.Advance(TimeSpan.FromSeconds(HostRig.Step));
        _host.Tick();
    }
}
