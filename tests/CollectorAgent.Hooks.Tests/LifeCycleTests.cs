using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;

namespace CollectorAgent.Hooks.Tests;

/// <summary>VMs that start, stop and move between two hosts; their history is compared sample by sample.</summary>
public sealed class LifeCycleTests : IDisposable
{
    private const string Uuid = "5b7a1c1e-0000-4000-8000-000000000001";

    private static readonly Owner Vm = new(OwnerKind.Vm, Uuid);
    private static readonly RrdOwner VmRrd = new(RrdOwnerKind.Vm, Uuid);

    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(HostRig.Origin + 2));
    private readonly Network _network = new();
    private readonly HostRig _a;
    private readonly HostRig _b;
    private int _step;

    public LifeCycleTests()
    {
        _a = new HostRig(_network, "a", _time);
        _b = new HostRig(_network, "b", _time);
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }

    [Fact]
    public async Task Vm_that_is_shut_down_and_started_elsewhere_has_its_whole_history()
    {
        Run(_a, 3);
        await _a.DoAsync(() => _a.LifeCycles.ArchiveVmAsync(Uuid, "b", default));
        Assert.False(_a.LifeCycles.HasVm(Uuid));
        Assert.True(File.Exists(_b.Archives.PathOf(Uuid)));
        Nobody(_a, 2);

        // A plugin sees it before the toolstack has told.
        Run(_b, 2);
        await _b.DoAsync(() => _b.LifeCycles.PushVmAsync(Uuid, default));
        Run(_b, 2);

        Assert.Equal([(1, 1), (2, 2), (3, 3), (6, 6), (7, 7), (8, 8), (9, 9)], Known(_b));
        Assert.Equal(["archive " + Uuid + " to b"], _network.Sent);
    }

    [Fact]
    public async Task Vm_that_moves_loses_no_sample_and_has_none_twice()
    {
        Run(_a, 3);
        _a.Report();
        Run(_b, 1);
        await _a.DoAsync(() => _a.LifeCycles.MigrateVmAsync(Uuid, "b", "session", default));
        Run(_b, 2);

        Assert.Equal([(1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 6)], Known(_b));
        Assert.False(_a.LifeCycles.HasVm(Uuid));
        Assert.Equal(["live " + Uuid + " to b with session"], _network.Sent);
        _b.Restart();
        Assert.Equal(6, Known(_b).Count());
        _a.Restart();
        Assert.False(_a.LifeCycles.HasVm(Uuid));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Transfer_that_fails_is_kept_is_reported_and_can_be_repeated(bool hasArrived)
    {
        Run(_a, 3);
        _a.Report();
        Action cut = () => throw new ArchiveFailedException("the line was cut");
        Action nothing = () => { };
        (_network.Before, _network.After) = (hasArrived ? nothing : cut, hasArrived ? cut : nothing);

        var failure = await Assert.ThrowsAsync<ArchiveFailedException>(
            () => _a.DoAsync(() => _a.LifeCycles.MigrateVmAsync(Uuid, "b", session: null, default)));

        Assert.Contains("the line was cut", failure.Message, StringComparison.Ordinal);
        Assert.Equal((Uuid, "b", "the line was cut"), _a.LifeCycles.Failed.Select(f => (f.Uuid, f.To, f.Reason)).Single());
        Assert.Equal(3, Known(_a).Count());
        _a.Restart();
        Assert.Equal(3, Known(_a).Count());

        (_network.Before, _network.After) = (nothing, nothing);
        Run(_b, 1);
        await _a.DoAsync(() => _a.LifeCycles.MigrateVmAsync(Uuid, "b", session: null, default));
        await _a.DoAsync(() => _a.LifeCycles.MigrateVmAsync(Uuid, "b", session: null, default));
        Assert.Empty(_a.LifeCycles.Failed);
        Assert.Equal([(1, 1), (2, 2), (3, 3), (4, 4)], Known(_b));
        Assert.False(_a.LifeCycles.HasVm(Uuid));
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    [InlineData(100, 5)]
    public async Task What_becomes_known_while_it_is_sent_is_sent_too(int times, int sent)
    {
        Run(_a, 2);
        _network.Before = () =>
        {
            if (--times >= 0)
            {
                Run(_a, 1);
            }
        };

        await _a.DoAsync(() => _a.LifeCycles.MigrateVmAsync(Uuid, "b", session: null, default));

        Assert.Equal(Enumerable.Range(1, sent + 1).Select(i => ((long)i, (double)i)), Known(_b));
        Assert.Equal(sent, _network.Sent.Count);
        Assert.False(_a.LifeCycles.HasVm(Uuid));
    }

    [Fact]
    public async Task Late_report_of_a_vm_that_has_left_begins_no_new_history()
    {
        Run(_a, 2);
        await _a.DoAsync(() => _a.LifeCycles.ArchiveVmAsync(Uuid, address: null, default));
        Run(_a, 2);
        Assert.False(_a.LifeCycles.HasVm(Uuid));

        Nobody(_a, 1);
        Run(_a, 2);
        Assert.Equal([(6, 6), (7, 7)], Known(_a));
        await _a.DoAsync(() => _a.LifeCycles.PushVmAsync(Uuid, default));
        Assert.Equal([(1, 1), (2, 2), (6, 6), (7, 7)], Known(_a));
    }

    [Fact]
    public async Task Vm_that_has_left_is_recorded_at_once_when_it_is_told_of()
    {
        Run(_a, 2);
        await _a.DoAsync(() => _a.LifeCycles.ArchiveVmAsync(Uuid, address: null, default));
        await _a.DoAsync(() => _a.LifeCycles.PushVmAsync(Uuid, default));
        Run(_a, 1);

        Assert.Equal([(1, 1), (2, 2), (3, 3)], Known(_a));
    }

    [Fact]
    public async Task Vm_that_was_only_killed_stays_and_goes_on()
    {
        Run(_a, 2);
        Nobody(_a, 2);
        Run(_a, 1);

        Assert.Equal([(1, 1), (2, 2), (5, 5)], Known(_a));
        Assert.False(Directory.Exists(_a.ArchivePath));
        await _a.DoAsync(() => _a.LifeCycles.ArchiveVmAsync("5b7a1c1e-0000-4000-8000-000000000009", address: null, default));
        Assert.False(Directory.Exists(_a.ArchivePath));
    }

    [Fact]
    public async Task Told_host_records_a_vm_from_push_to_archive()
    {
        using var told = new HostRig(_network, "told", _time, RecordVms.Told);
        Run(told, 2);
        Assert.False(told.LifeCycles.HasVm(Uuid));

        await told.DoAsync(() => told.LifeCycles.PushVmAsync(Uuid, default));
        Assert.True(told.LifeCycles.HasVm(Uuid));
        told.Restart();
        Assert.True(told.LifeCycles.HasVm(Uuid));
        Run(told, 2);
        Assert.Equal([(3, 3), (4, 4)], Known(told));

        await told.DoAsync(() => told.LifeCycles.ArchiveVmAsync(Uuid, address: null, default));
        Nobody(told, 1);
        Run(told, 1);
        Assert.False(told.LifeCycles.HasVm(Uuid));
    }

    [Fact]
    public async Task Archive_that_is_none_is_set_aside_and_the_vm_is_recorded()
    {
        Directory.CreateDirectory(_a.ArchivePath);
        await File.WriteAllTextAsync(_a.Archives.PathOf(Uuid), "no gzip");

        await Assert.ThrowsAsync<ArchiveFailedException>(() => _a.DoAsync(() => _a.LifeCycles.PushVmAsync(Uuid, default)));

        Assert.True(_a.LifeCycles.HasVm(Uuid));
        Run(_a, 1);
        await _a.DoAsync(() => _a.LifeCycles.ArchiveVmAsync(Uuid, address: null, default));
        Assert.Equal("no gzip", await File.ReadAllTextAsync(_a.Archives.PathOf(Uuid) + ".damaged"));
        Assert.Equal(1, ArchiveFolder.ReadFile(_a.Archives.PathOf(Uuid)).Newest("heat", 0));
    }

    [Fact]
    public async Task Folder_in_the_place_of_an_archive_makes_the_call_fail_and_stays()
    {
        Directory.CreateDirectory(_a.Archives.PathOf(Uuid));

        var failure = await Assert.ThrowsAsync<ArchiveFailedException>(() => _a.DoAsync(() => _a.LifeCycles.PushVmAsync(Uuid, default)));

        Assert.Contains("is no regular file", failure.Message, StringComparison.Ordinal);
        Assert.True(Directory.Exists(_a.Archives.PathOf(Uuid)));
    }

    [Theory]
    [InlineData(300, 0, "steps are 300 s long")]
    [InlineData(5, 3700, "is 1 hour ahead")]
    [InlineData(5, 7200, "2 hours ahead")]
    [InlineData(5, 4_000_000_000_000_000_000, "hours ahead")]
    public async Task Archive_that_cannot_go_on_here_is_refused_and_kept(int step, long ahead, string reason)
    {
        var layout = new ArchiveLayout(step, [new(ConsolidationFunction.Average, 1, 10, 0.5)]);
        var rrd = new RoundRobinDatabase(layout);
        rrd.Add(new Tile(layout, [new("heat", DataSourceType.Gauge)], (HostRig.Origin + ahead) / step));
        await _a.Archives.WriteAsync(Uuid, rrd.Snapshot(), default);
        using var document = new MemoryStream();
        await ArchiveFolder.WriteAsync(rrd.Snapshot(), document, default);
        document.Position = 0;
        Run(_a, 1);

        var failure = await Assert.ThrowsAsync<ArchiveFailedException>(() => _a.DoAsync(() => _a.LifeCycles.PushVmAsync(Uuid, default)));
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArchiveFailedException>(() => _a.DoAsync(() => _a.LifeCycles.PushVmAsync(Uuid, default)));
        Assert.True(File.Exists(_a.Archives.PathOf(Uuid)));
        await Assert.ThrowsAsync<ArchiveFormatException>(() => _a.DoAsync(() => _a.LifeCycles.ReceiveVmAsync(Uuid, document, default)));
        Run(_a, 1);
        Assert.Equal([(1, 1), (2, 2)], Known(_a));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Vm_whose_archive_nobody_could_read_is_kept(bool isMigrated)
    {
        Run(_a, 1);
        // A document of 32,768 data sources can be read here; one with so many values not at another host.
        int sources = isMigrated ? 22_000 : 32_768;
        await _a.DoAsync(() => _a.Sampler.ChangeAsync(VmRrd, rrd => rrd.Add(new Tile(
            rrd.Layout, [.. Enumerable.Range(0, sources).Select(i => new DataSource($"x{i}", DataSourceType.Gauge))], rrd.LastStep))));

        var refused = await Assert.ThrowsAsync<ArchiveFailedException>(() => _a.DoAsync(() => isMigrated
            ? _a.LifeCycles.MigrateVmAsync(Uuid, "b", null, default)
            : _a.LifeCycles.ArchiveVmAsync(Uuid, null, default)));

        Assert.Contains("the limit of a document is", refused.Message, StringComparison.Ordinal);
        Assert.True(_a.LifeCycles.HasVm(Uuid));
        Assert.False(File.Exists(_a.Archives.PathOf(Uuid)));
        Assert.Empty(_network.Sent);
        Assert.Equal(Uuid, Assert.Single(_a.LifeCycles.Failed).Uuid);
    }

    [Fact]
    public async Task Peer_that_cannot_confirm_leaves_a_copy_here()
    {
        Run(_a, 2);
        _a.Report();
        _network.Confirms = false;

        await _a.DoAsync(() => _a.LifeCycles.MigrateVmAsync(Uuid, "b", session: null, default));

        Assert.Equal(2, ArchiveFolder.ReadFile(_a.Archives.PathOf(Uuid)).Newest("heat", 0));
        Assert.False(_a.LifeCycles.HasVm(Uuid));
    }

    [Fact]
    public async Task Archive_follows_a_vm_that_starts_on_another_host()
    {
        Run(_a, 2);
        await _a.DoAsync(() => _a.LifeCycles.ArchiveVmAsync(Uuid, address: null, default));
        _a.Report();
        Run(_b, 1);

        await _a.DoAsync(() => _a.LifeCycles.PushVmAsync(Uuid, "b", default));

        Assert.Equal([(1, 1), (2, 2), (3, 3)], Known(_b));
        Assert.True(File.Exists(_a.Archives.PathOf(Uuid)));
        await _a.DoAsync(() => _a.LifeCycles.PushVmAsync("5b7a1c1e-0000-4000-8000-000000000009", "b", default));
    }

    [Fact]
    public async Task Backup_gets_everything_that_can_be_had_and_says_what_failed()
    {
        var sr = new Owner(OwnerKind.Sr, "0c0d0e0f-0000-4000-8000-000000000001");
        _a.Report((HostRig.Gauge(Vm), 1), (HostRig.Gauge(sr), 2), (HostRig.Gauge(Owner.Host), 3));
        Step(_a, 1);
        int calls = 0;
        _network.Before = () => { if (++calls == 2) throw new ArchiveFailedException("404"); };

        var failure = await Assert.ThrowsAsync<ArchiveFailedException>(() => _a.DoAsync(() => _a.LifeCycles.BackUpAsync("b", default)));

        Assert.Contains("1 of 3", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(_b.ArchivePath).Length);
        await _a.DoAsync(() => _a.LifeCycles.BackUpAsync(address: null, default));
        Assert.Equal(3, Directory.GetFiles(_a.ArchivePath).Length);
        Assert.Equal(3, _a.Store.All.Count);
        Assert.Equal(3, ArchiveFolder.ReadFile(_a.Archives.PathOf(HostRig.HostUuid)).Newest("heat", 0));
    }

    [Fact]
    public async Task Host_goes_on_with_an_archive_without_losing_what_it_has()
    {
        _a.Report((HostRig.Gauge(Owner.Host), 1));
        Step(_a, 2);
        await _a.DoAsync(() => _a.LifeCycles.SendHostAsync("b", default));
        Step(_a, 1);
        await _a.DoAsync(() => _a.LifeCycles.LoadHostAsync(HostRig.HostUuid, "b", default));

        Assert.Equal([1, 2, 3], _a.Known(RrdOwner.Host).Keys);
        using var reinstalled = new HostRig(_network, "c", _time);
        await reinstalled.DoAsync(() => reinstalled.LifeCycles.LoadHostAsync(HostRig.HostUuid, "b", default));
        Assert.Equal([1, 2], reinstalled.Known(RrdOwner.Host).Keys);
    }

    [Fact]
    public async Task What_is_destroyed_goes_unless_a_plugin_still_reports_it()
    {
        Run(_a, 2);
        await _a.DoAsync(() => _a.LifeCycles.BackUpAsync(address: null, default));
        await _a.DoAsync(() => _a.LifeCycles.RemoveAsync(Uuid, default));
        Assert.True(_a.LifeCycles.HasVm(Uuid));
        Assert.False(File.Exists(_a.Archives.PathOf(Uuid)));

        Nobody(_a, 1);
        await _a.DoAsync(() => _a.LifeCycles.RemoveAsync(Uuid, default));
        Assert.False(_a.LifeCycles.HasVm(Uuid));
        await _a.DoAsync(() => _a.LifeCycles.RemoveAsync(Uuid, default));
    }

    /// <summary>The VM runs on a host: its value is the number of the step.</summary>
    private void Run(HostRig host, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            host.Report((HostRig.Gauge(Vm), _step + 1));
            Step(host, 1);
        }
    }

    private void Nobody(HostRig host, int steps)
    {
        host.Report();
        Step(host, steps);
    }

    private void Step(HostRig host, int steps)
    {
        for (int i = 0; i < steps; i++)
        {
            _step++;
            _time.Advance(TimeSpan.FromSeconds(HostRig.Step));
            host.Tick();
        }
    }

    private static IEnumerable<(long, double)> Known(HostRig host) => host.Known(VmRrd).Select(k => (k.Key, k.Value));
}
