using System.IO.Compression;
using System.IO.Pipelines;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using CollectorAgent.TestKit;

namespace CollectorAgent.Store.Tests;

/// <summary>Archives, and the files of the store as it was before.</summary>
public sealed class FormerHistoryTests : IDisposable
{
    private const string HostUuid = "7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e";

    private readonly StoreRig _rig = new();

    private static long Start => StoreRig.Start;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public async Task Old_file_is_taken_over_and_goes_once_the_new_one_is_on_disk()
    {
        string old = Path.Combine(_rig.Files, StoreRig.Vm.FileName + ".xml.gz");
        await WriteAsync(old, "a", "b");

        _rig.Kill();

        AssertHistory("a", "b");
        Assert.True(File.Exists(old));
        Assert.Equal(0, _rig.Sync.Sync());
        Assert.False(File.Exists(old));
        _rig.Kill();
        AssertHistory("a", "b");
        _rig.Reboot();
        AssertHistory("a", "b");
        Assert.Empty(_rig.Log.Lines);
    }

    [Fact]
    public async Task Old_file_that_was_taken_over_before_a_kill_is_not_taken_over_again()
    {
        string old = Path.Combine(_rig.Files, StoreRig.Vm.FileName + ".xml.gz");
        await WriteAsync(old, "a");
        _rig.Kill();
        _rig.Record(StoreRig.Vm, Start + 21, "a");

        _rig.Kill();

        Assert.Equal(StoreRig.Value("a", Start + 21), StoreRig.Cell(_rig.Store.Find(StoreRig.Vm)!, "a", Start + 21));
        Assert.Equal(0, _rig.Sync.Sync());
        Assert.False(File.Exists(old));
    }

    [Fact]
    public async Task Old_file_that_cannot_be_read_is_set_aside()
    {
        string old = Path.Combine(_rig.Files, StoreRig.Vm.FileName + ".xml.gz");
        await File.WriteAllTextAsync(old, "not gzip");
        await File.WriteAllTextAsync(old + ".tmp", "half");

        _rig.Kill();

        Assert.Empty(_rig.Store.All);
        Assert.Equal("not gzip", await File.ReadAllTextAsync(old + ".damaged"));
        Assert.False(File.Exists(old + ".tmp"));
        Assert.Contains(old, Assert.Single(_rig.Log.Lines), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Owner_whose_file_cannot_be_used_goes_on_with_its_archive(bool isHost)
    {
        var owner = isHost ? RrdOwner.Host : StoreRig.Vm;
        string archive = Path.Combine(_rig.Archives, (isHost ? HostUuid : owner.Uuid) + ".gz");
        await WriteAsync(archive, "a");
        await File.WriteAllTextAsync(_rig.PathOf(owner), "garbage");

        _rig.Kill();
        Assert.Equal(0, _rig.Sync.Sync());
        _rig.Reboot();

        var owned = _rig.Store.Find(owner)!;
        Assert.Equal(StoreRig.Value("a", Start + 20), StoreRig.Cell(owned, "a", Start + 20));
        Assert.True(File.Exists(archive));
        Assert.Equal(2, _rig.Log.Lines.Count);
        Assert.Contains($"{owner.FileName} goes on with its archive {archive}", _rig.Log.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archive_that_cannot_be_read_is_said_and_left_where_it_is()
    {
        string archive = Path.Combine(_rig.Archives, StoreRig.Vm.Uuid + ".gz");
        Directory.CreateDirectory(_rig.Archives);
        await File.WriteAllTextAsync(archive, "not gzip");
        await File.WriteAllTextAsync(_rig.PathOf(StoreRig.Vm), "garbage");

        _rig.Kill();

        Assert.Null(_rig.Store.Find(StoreRig.Vm));
        Assert.Equal("not gzip", await File.ReadAllTextAsync(archive));
        Assert.Contains($"The archive {archive} cannot be used", _rig.Log.Lines[1], StringComparison.Ordinal);
        Assert.Contains("starts without history", _rig.Log.Lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Archive_of_other_steps_never_enters_the_store()
    {
        string archive = Path.Combine(_rig.Archives, StoreRig.Vm.Uuid + ".gz");
        await WriteAsync(archive, new ArchiveLayout(10, StoreRig.Layout.Rras), "a");
        await File.WriteAllTextAsync(_rig.PathOf(StoreRig.Vm), "garbage");

        _rig.Kill();

        Assert.Null(_rig.Store.Find(StoreRig.Vm));
        Assert.True(File.Exists(archive));
        Assert.Contains("its steps are 10 s long, not 5 s", _rig.Log.Lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void File_of_other_steps_is_set_aside()
    {
        var rrd = _rig.Store.FindOrCreate(StoreRig.Vm, new ArchiveLayout(10, StoreRig.Layout.Rras));
        rrd.Copy(r => r.ClaimTile("p", [new DataSource("a", DataSourceType.Gauge)], Start, new int[1]));

        _rig.Kill();

        Assert.Null(_rig.Store.Find(StoreRig.Vm));
        Assert.True(File.Exists(_rig.PathOf(StoreRig.Vm) + ".damaged"));
        Assert.Contains("steps of 10 s, not of 5 s", _rig.Log.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rings_of_an_archive_are_cut_to_what_is_kept()
    {
        var layout = new ArchiveLayout(5, [new RraDefinition(ConsolidationFunction.Average, 1, 5000, 0.5)]);
        await WriteAsync(Path.Combine(_rig.Archives, StoreRig.Vm.Uuid + ".gz"), layout, "a");
        await File.WriteAllTextAsync(_rig.PathOf(StoreRig.Vm), "garbage");

        _rig.Kill();

        Assert.Equal(120, _rig.Store.Find(StoreRig.Vm)!.Rrd.Layout.Rras.Single().Rows);
        AssertHistory("a");
    }

    private static Task WriteAsync(string path, params string[] names) => WriteAsync(path, StoreRig.Layout, names);

    private static async Task WriteAsync(string path, ArchiveLayout layout, params string[] names)
    {
        var rrd = new RoundRobinDatabase(layout);
        var tile = rrd.ClaimTile("p", [.. names.Select(n => new DataSource(n, DataSourceType.Gauge))], Start, new int[names.Length]);
        for (long step = Start + 1; step <= Start + 20; step++)
        {
            long now = step;
            tile.Update(step * layout.StepSeconds, [.. names.Select(n => BitConverter.DoubleToInt64Bits(StoreRig.Value(n, now)))], [.. names.Select(_ => true)]);
        }
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await using var file = File.Create(path);
        await using var gzip = new GZipStream(file, CompressionLevel.Fastest);
        var pipe = PipeWriter.Create(gzip);
        await RrdXmlWriter.WriteAsync(rrd.Snapshot(), RrdForm.Internal, pipe, CancellationToken.None);
        await pipe.CompleteAsync();
    }

    private void AssertHistory(params string[] names)
    {
        var owned = _rig.Store.Find(StoreRig.Vm)!;
        foreach (string name in names)
        {
            for (long step = Start + 1; step <= Start + 20; step++)
            {
                Assert.Equal(StoreRig.Value(name, step), StoreRig.Cell(owned, name, step));
            }
        }
    }
}
