using CollectorAgent.Protocol;
using CollectorAgent.Store;
using CollectorAgent.TestKit;

namespace CollectorAgent.Hooks.Tests;

/// <summary>What a toolstack asks of data sources, and what it adds and forgets.</summary>
public sealed class RecordedSourcesTests : IDisposable
{
    private static readonly Owner Vm = new(OwnerKind.Vm, "5b7a1c1e-0000-4000-8000-000000000001");
    private static readonly RrdOwner VmRrd = new(RrdOwnerKind.Vm, Vm.Uuid);
    private static readonly ReportedSource Offered = HostRig.Gauge(Vm, "offered") with { IsDefault = false, Max = 99 };

    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(HostRig.Origin + 2));
    private readonly HostRig _host;

    public RecordedSourcesTests()
    {
        _host = new HostRig(new Network(), "a", _time);
        _host.Report((HostRig.Gauge(Vm), 7), (Offered, 8));
    }

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Offered_data_source_is_recorded_from_when_somebody_asks_for_it()
    {
        Tick();
        Assert.Throws<DataSourceMissingException>(() => _host.Sources.Query(VmRrd, "offered"));
        await _host.DoAsync(() => _host.Sources.AddAsync(VmRrd, "offered"));
        await _host.DoAsync(() => _host.Sources.AddAsync(VmRrd, "offered"));
        Tick();
        Tick();

        Assert.Equal([1, 2, 3], _host.Known(VmRrd).Keys);
        Assert.Equal([2, 3], _host.Known(VmRrd, "offered").Keys);
        Assert.Equal(8, _host.Sources.Query(VmRrd, "offered"));
        _host.Restart();
        Tick();
        Assert.Equal([2, 3, 4], _host.Known(VmRrd, "offered").Keys);
    }

    [Fact]
    public async Task Colon_in_a_name_is_a_slash_for_a_toolstack_too()
    {
        _host.Report((HostRig.Gauge(Vm) with { Name = "gpu:0" }, 7), (Offered with { Name = "pci:1" }, 8));
        Tick();
        await _host.DoAsync(() => _host.Sources.AddAsync(VmRrd, "pci:1"));
        Tick();

        Assert.Equal((7, 8), (_host.Sources.Query(VmRrd, "gpu:0"), _host.Sources.Query(VmRrd, "pci/1")));
        Assert.Equal(["gpu/0", "pci/1"], _host.Sources.Possible(VmRrd).Select(s => s.Name));
        await _host.DoAsync(() => _host.Sources.ForgetAsync(VmRrd, "pci:1"));
        Assert.Throws<DataSourceMissingException>(() => _host.Sources.Query(VmRrd, "pci/1"));
    }

    [Fact]
    public async Task Forgotten_data_source_takes_its_history_along_and_a_standard_one_comes_back_without()
    {
        Tick();
        await _host.DoAsync(() => _host.Sources.AddAsync(VmRrd, "offered"));
        Tick();
        await _host.DoAsync(() => _host.Sources.ForgetAsync(VmRrd, "offered"));
        await _host.DoAsync(() => _host.Sources.ForgetAsync(VmRrd, "heat"));
        Assert.Throws<DataSourceMissingException>(() => _host.Sources.Query(VmRrd, "heat"));
        Tick();

        Assert.Equal([3], _host.Known(VmRrd).Keys);
        Assert.Throws<DataSourceMissingException>(() => _host.Sources.Query(VmRrd, "offered"));
        await _host.DoAsync(() => _host.Sources.ForgetAsync(VmRrd, "nothing"));
        await _host.DoAsync(() => _host.Sources.ForgetAsync(RrdOwner.Host, "nothing"));
        Assert.Null(_host.Store.Find(RrdOwner.Host));
    }

    [Fact]
    public void Possible_data_sources_are_those_offered_and_those_of_history()
    {
        Tick();
        _host.Report((HostRig.Gauge(Vm, "new"), 1), (Offered, 8));
        Tick();

        Assert.Equal(
            [
                new PossibleSource("heat", "description not available", false, false, double.NegativeInfinity, double.PositiveInfinity, "unknown"),
                new PossibleSource("new", "How hot it is", true, true, double.NegativeInfinity, double.PositiveInfinity, "K"),
                new PossibleSource("offered", "How hot it is", false, false, double.NegativeInfinity, 99, "K"),
            ],
            _host.Sources.Possible(VmRrd));
        Assert.Empty(_host.Sources.Possible(new RrdOwner(RrdOwnerKind.Sr, Vm.Uuid)));
        Assert.Equal(double.NaN, _host.Sources.Query(VmRrd, "heat"));
    }

    [Fact]
    public async Task What_there_is_not_is_said_by_name()
    {
        var missing = await Assert.ThrowsAsync<DataSourceMissingException>(() => _host.Sources.AddAsync(VmRrd, "cpu77"));
        Assert.Contains("cpu77", missing.Message, StringComparison.Ordinal);
        Assert.Equal("No host datasource!", Assert.Throws<DataSourceMissingException>(() => _host.Sources.Query(RrdOwner.Host, "x")).Message);
        Assert.Equal("VM: " + Vm.Uuid, Assert.Throws<DataSourceMissingException>(() => _host.Sources.Query(VmRrd, "x")).Message);
    }

    [Fact]
    public async Task High_availability_is_offered_while_it_is_told_of()
    {
        var ha = new HighAvailability(_host.Sampler, _time);
        Assert.True(ha.Update([("disk", 0.25), ("other", null)], 0.5, 0.75));
        Tick();
        Tick();
        Assert.Equal(
            ["network/latency", "statefile/disk/latency", "statefile/other/latency", "xapi_healthcheck/latency"],
            _host.Sources.Possible(RrdOwner.Host).Select(s => s.Name));

        _host.Report((HostRig.Gauge(Owner.Host), 1));
        Tick();
        await _host.DoAsync(() => _host.Sources.AddAsync(RrdOwner.Host, "statefile/disk/latency"));
        Tick();
        Assert.Equal(0.25, _host.Sources.Query(RrdOwner.Host, "statefile/disk/latency"));

        ha.Disable();
        Tick();
        Assert.DoesNotContain(_host.Sources.Possible(RrdOwner.Host), s => s.Name == "network/latency");
        Tick();
        Assert.Equal(double.NaN, _host.Sources.Query(RrdOwner.Host, "statefile/disk/latency"));
    }

    private void Tick()
    {
        _time.Advance(TimeSpan.FromSeconds(HostRig.Step));
        _host.Tick();
    }
}
