using System.IO.Pipelines;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;

namespace CollectorAgent.Hooks.Tests;

/// <summary>History that was recorded by a clock ahead of this host's: nobody's time moves, and what lies ahead is left out.</summary>
public sealed class ForeignClockTests : IDisposable
{
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(HostRig.Origin + 2));
    private readonly HostRig _host;
    private readonly Owner[] _vms;

    public ForeignClockTests()
    {
        _host = new HostRig(new Network(), "a", _time);
        _vms = [.. Enumerable.Range(1, 5).Select(i => new Owner(OwnerKind.Vm, $"5b7a1c1e-0000-4000-8000-00000000000{i}"))];
    }

    public enum Way
    {
        Push,
        Migration,
        Recovery,
    }

    public static TheoryData<int, Way, int, bool> Cases
    {
        get
        {
            var cases = new TheoryData<int, Way, int, bool>();
            foreach (int ahead in new[] { 1, 11, 90, 3000, 31_536_000 })
            {
                foreach (var way in Enum.GetValues<Way>())
                {
                    // More than an hour ahead is refused where somebody can hear it.
                    if (ahead < 3600 || way == Way.Recovery)
                    {
                        cases.Add(ahead, way, 1, false);
                        cases.Add(ahead, way, 1, true);
                        cases.Add(ahead, way, 5, true);
                    }
                }
            }
            return cases;
        }
    }

    public void Dispose() => _host.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Archive_that_is_ahead_moves_nobodys_time(int ahead, Way way, int owners, bool isRestarted)
    {
        var vms = _vms[..owners];
        Tick(vms);
        Tick(vms);
        foreach (var vm in vms)
        {
            await BringAsync(vm, Archive(ahead), way);
        }
        if (isRestarted || way == Way.Recovery)
        {
            _host.Restart();
        }
        Tick(vms);
        Tick(vms);

        Assert.Equal(0, _host.Sampler.Report.AheadSeconds);
        Assert.Equal(HostRig.Origin + 20, _host.Sampler.Report.LastStepEnd);
        Assert.Equal((4.0, 4.0), (_host.Known(RrdOwner.Host)[4], _host.Known(RrdOwner.Host)[3] + 1));
        foreach (var vm in vms)
        {
            var known = _host.Known(vm.ToRrdOwner());
            Assert.Equal(4, known.Keys.Max());
            Assert.Equal((3.0, 4.0), (known[3], known[4]));
            // Of the archive all is there that was over.
            Assert.Equal(ahead < 500 ? 100 : double.NaN, known.GetValueOrDefault(0, double.NaN));
        }
    }

    private async Task BringAsync(Owner vm, RoundRobinDatabase archive, Way way)
    {
        Directory.CreateDirectory(_host.ArchivePath);
        using var xml = new MemoryStream();
        var pipe = PipeWriter.Create(xml, new StreamPipeWriterOptions(leaveOpen: true));
        await RrdXmlWriter.WriteAsync(archive.Snapshot(), RrdForm.Internal, pipe, default);
        await pipe.CompleteAsync();
        xml.Position = 0;
        if (way == Way.Migration)
        {
            await _host.DoAsync(() => _host.LifeCycles.ReceiveVmAsync(vm.Uuid, xml, default));
            return;
        }
        await _host.LifeCycles.ReceiveArchiveAsync(vm.Uuid, xml, default);
        if (way == Way.Push)
        {
            await _host.DoAsync(() => _host.LifeCycles.PushVmAsync(vm.Uuid, default));
        }
        else
        {
            _host.Damage(vm.ToRrdOwner());
        }
    }

    /// <summary>A history of 100 that ends this long after now.</summary>
    private static RoundRobinDatabase Archive(int ahead)
    {
        long last = (HostRig.Origin + 10 + ahead) / HostRig.Step;
        var rrd = new RoundRobinDatabase(ArchiveLayout.Averages);
        rrd.Add(new Tile(rrd.Layout, [new("heat", DataSourceType.Gauge)], last - 110));
        for (long step = last - 109; step <= last; step++)
        {
            rrd.Tiles[0].Update(step * HostRig.Step, [BitConverter.DoubleToInt64Bits(100)], [true]);
        }
        return rrd;
    }

    private void Tick(Owner[] vms)
    {
        _time.Advance(TimeSpan.FromSeconds(HostRig.Step));
        double step = (_time.GetUtcNow().ToUnixTimeSeconds() - HostRig.Origin) / HostRig.Step;
        _host.Report([(HostRig.Gauge(Owner.Host), step), .. vms.Select(vm => (HostRig.Gauge(vm), step))]);
        _host.Tick();
    }
}
