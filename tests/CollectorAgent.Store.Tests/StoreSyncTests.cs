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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void File_or_folder_that_was_removed_is_made_anew_with_everything_that_was_in_it(bool isWholeFolder)
    {
        _rig.Record(RrdOwner.Host, StoreRig.Start + 1, "a");
        _rig.Record(StoreRig.Vm, StoreRig.Start + 1, "a");
        Assert.Equal(0, _rig.Sync.Sync());
        if (isWholeFolder)
        {
            Directory.Delete(_rig.Files, recursive: true);
        }
        else
        {
            File.Delete(_rig.PathOf(RrdOwner.Host));
        }
        _rig.Record(RrdOwner.Host, StoreRig.Start + 2, "a");
        _rig.Record(StoreRig.Vm, StoreRig.Start + 2, "a");
        // Another owner comes before anybody has noticed.
        _rig.Record(StoreRig.OtherVm, StoreRig.Start + 2, "a");

        Assert.Equal(0, _rig.Sync.Sync());

        Assert.Equal(isWholeFolder ? 2 : 1, _rig.Log.Lines.Count);
        Assert.All(
            _rig.Log.Lines,
            l => Assert.EndsWith("was removed while the agent ran; it is made anew from what is in memory", l, StringComparison.Ordinal));
        Assert.Equal((0, 0), (_rig.Sync.Report.Failed, _rig.Sync.Report.InMemory));
        _rig.Record(RrdOwner.Host, StoreRig.Start + 3, "a");
        _rig.Kill();
        foreach (var (owner, last) in new[] { (RrdOwner.Host, 3), (StoreRig.Vm, 2) })
        {
            for (long step = StoreRig.Start + 1; step <= StoreRig.Start + last; step++)
            {
                Assert.Equal(StoreRig.Value("a", step), StoreRig.Cell(_rig.Store.Find(owner)!, "a", step));
            }
        }
        Assert.NotNull(_rig.Store.Find(StoreRig.OtherVm));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_rig.Files));
    }

    [Fact]
    public void File_that_another_one_has_taken_the_place_of_is_said_once_and_everything_stays_served()
    {
        _rig.Record(RrdOwner.Host, StoreRig.Start + 1, "a");
        Assert.Equal(0, _rig.Sync.Sync());
        string path = _rig.PathOf(RrdOwner.Host);
        File.Copy(path, path + ".copy");
        File.Move(path + ".copy", path, overwrite: true);
        _rig.Record(RrdOwner.Host, StoreRig.Start + 2, "a");

        Assert.Equal(1, _rig.Sync.Sync());
        Assert.Equal(1, _rig.Sync.Sync());

        string said = Assert.Single(_rig.Log.Lines, l => l.Contains("could not be brought to the disk", StringComparison.Ordinal));
        Assert.Contains("is another file than the agent opened", said, StringComparison.Ordinal);
        Assert.Equal(1, _rig.Sync.Report.Failed);
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
