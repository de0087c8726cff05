namespace CollectorAgent.Store.Tests;

public sealed class StoreSyncTests : IDisposable
{
    private readonly StoreRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Report_says_how_long_ago_everything_was_on_disk()
    {
        _rig.Record(RrdOwner.Host, StoreRig.Start + 1, "a");
        _rig.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(20, _rig.Sync.Report.UnsyncedSeconds);

        Assert.Equal(0, _rig.Sync.Sync());
        _rig.Time.Advance(TimeSpan.FromSeconds(7));

        var report = _rig.Sync.Report;
        Assert.Equal((7, 0, 0), (report.UnsyncedSeconds, report.Failed, report.InMemory));
        Assert.InRange(report.BytesOnDisk, 4096, 64 << 10);
    }

    [Fact]
    public void File_that_was_removed_is_said_once_and_everything_stays_served()
    {
        _rig.Record(RrdOwner.Host, StoreRig.Start + 1, "a");
        _rig.Record(StoreRig.Vm, StoreRig.Start + 1, "a");
        Assert.Equal(0, _rig.Sync.Sync());
        File.Delete(_rig.PathOf(RrdOwner.Host));
        _rig.Record(RrdOwner.Host, StoreRig.Start + 2, "a");
        _rig.Record(StoreRig.Vm, StoreRig.Start + 2, "a");

        _rig.Time.Advance(StoreSync.Period);
        Assert.Equal(1, _rig.Sync.Sync());
        _rig.Time.Advance(StoreSync.Period);
        Assert.Equal(1, _rig.Sync.Sync());

        string said = Assert.Single(_rig.Log.Lines, l => l.Contains("could not be brought to the disk", StringComparison.Ordinal));
        Assert.Contains("No such file", said, StringComparison.Ordinal);
        Assert.Equal((60, 1), (_rig.Sync.Report.UnsyncedSeconds, _rig.Sync.Report.Failed));
        Assert.Equal(StoreRig.Value("a", StoreRig.Start + 2), StoreRig.Cell(_rig.Store.Find(RrdOwner.Host)!, "a", StoreRig.Start + 2));
    }

    [Fact]
    public async Task First_round_comes_at_once_and_stop_ends_the_rounds()
    {
        using var stop = new CancellationTokenSource();
        _rig.Record(RrdOwner.Host, StoreRig.Start + 1, "a");
        _rig.Time.Advance(TimeSpan.FromSeconds(3));

        var running = _rig.Sync.RunAsync(stop.Token);
        await stop.CancelAsync();
        await running;

        Assert.Equal(0, _rig.Sync.Report.UnsyncedSeconds);
    }
}
