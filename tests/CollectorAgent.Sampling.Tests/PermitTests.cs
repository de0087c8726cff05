using CollectorAgent.Protocol;
using CollectorAgent.Rrd;

namespace CollectorAgent.Sampling.Tests;

/// <summary>A page holds what its plugin's manifest permits, or the rest is not recorded.</summary>
public sealed class PermitTests : IDisposable
{
    private const string Vm = "5b7a1c1e-0000-4000-8000-000000000001";
    private const string Other = "5b7a1c1e-0000-4000-8000-000000000002";

    private readonly SamplerRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(new[] { "vm" }, null, new[] { "vm:a", "other:a" })]
    [InlineData(new[] { "host", "vm " + Vm }, null, new[] { "host:a", "host:b1", "vm:a" })]
    [InlineData(null, new[] { "b*" }, new[] { "host:b1" })]
    [InlineData(new[] { "sr" }, null, new string[0])]
    [InlineData(null, null, new[] { "host:a", "host:b1", "vm:a", "other:a" })]
    public void What_is_not_permitted_is_left_out_and_said(string[]? owners, string[]? names, string[] expected)
    {
        var page = _rig.Add("p", PagePermit.Unlimited with { Owners = owners, Sources = names });
        (string Key, ReportedSource Source)[] all =
        [
            ("host:a", SamplerRig.Gauge("a")),
            ("host:b1", SamplerRig.Gauge("b1")),
            ("vm:a", SamplerRig.Gauge("a") with { Owner = new Owner(OwnerKind.Vm, Vm) }),
            ("other:a", SamplerRig.Gauge("a") with { Owner = new Owner(OwnerKind.Vm, Other) }),
        ];
        _rig.Publish(page, 0.5, [.. all.Select(s => (s.Source, 1.0))]);
        _rig.Tick();

        string[] recorded = [.. all.Where(s => IsRecorded(s.Source)).Select(s => s.Key)];
        Assert.Equal(expected, recorded);
        Assert.Equal(
            all.Where(s => !expected.Contains(s.Key)).Select(s => $"{s.Source.Owner}: {s.Source.Name}: the plugin's manifest does not permit it"),
            _rig.Sampler.Plugins[0].LeftOut);

        bool IsRecorded(ReportedSource source) => _rig.Store.Find(source.Owner.ToRrdOwner())?.Copy(r => r.Find(source.Name)) is not null;
    }

    [Fact]
    public void Page_with_more_data_sources_than_its_limit_is_a_lost_sample()
    {
        var page = _rig.Add("p", PagePermit.Unlimited with { MaxSources = 2 });
        _rig.Publish(page, 0.5, (SamplerRig.Gauge("a"), 1), (SamplerRig.Gauge("b"), 2));
        _rig.Tick();
        _rig.Publish(page, 0.5, (SamplerRig.Gauge("a"), 1), (SamplerRig.Gauge("b"), 2), (SamplerRig.Gauge("c"), 3));
        _rig.Tick();

        Assert.Equal((PluginState.Failing, PageStatus.TooManySources), (_rig.Sampler.Plugins[0].State, _rig.Sampler.Plugins[0].Status));
        Assert.Equal([1, double.NaN], [_rig.Host("a", 1), _rig.Host("a", 2)]);
    }

    [Fact]
    public void Page_longer_than_its_limit_is_not_read_beyond_it()
    {
        string path = Path.GetTempFileName();
        try
        {
            byte[] content = PageWriter.Version2(_rig.Wall, [SamplerRig.Gauge("a")], [0]);
            File.WriteAllBytes(path, content);
            using var exact = new FilePageSource(File.OpenHandle(path), content.Length);
            using var shorter = new FilePageSource(File.OpenHandle(path), content.Length - 1);

            Assert.Equal(PageStatus.Ok, new PageReader().Read(exact));
            var reader = new PageReader();
            Assert.Equal((PageStatus.ReadFailed, $"the page is longer than its limit of {content.Length - 1} bytes"), (reader.Read(shorter), reader.Detail));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
