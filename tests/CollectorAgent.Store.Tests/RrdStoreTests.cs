using CollectorAgent.Native;
using CollectorAgent.Rrd;
using CollectorAgent.TestKit;

namespace CollectorAgent.Store.Tests;

public sealed class RrdStoreTests : IDisposable
{
    private readonly StoreRig _rig = new();

    private static long Start => StoreRig.Start;

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void What_was_recorded_is_there_after_a_kill_to_the_last_bit()
    {
        _rig.Record(RrdOwner.Host, Start + 1, Start + 30, "a", "b");
        _rig.Record(StoreRig.Vm, Start + 1, Start + 3, "c");

        _rig.Kill();

        Assert.Equal([RrdOwner.Host, StoreRig.Vm], _rig.Store.All.Select(r => r.Owner));
        Assert.Equal(Start + 30, _rig.Store.LastStep);
        for (long step = Start + 11; step <= Start + 30; step++)
        {
            Assert.Equal(StoreRig.Value("a", step), StoreRig.Cell(_rig.Store.Find(RrdOwner.Host)!, "a", step));
            Assert.Equal(StoreRig.Value("b", step), StoreRig.Cell(_rig.Store.Find(RrdOwner.Host)!, "b", step));
        }
        Assert.Equal(StoreRig.Value("c", Start + 3), StoreRig.Cell(_rig.Store.Find(StoreRig.Vm)!, "c", Start + 3));
        Assert.Empty(_rig.Log.Lines);
    }

    [Fact]
    public void Recording_goes_on_where_the_killed_process_stopped()
    {
        var whole = new RoundRobinDatabase(StoreRig.Layout);
        int[] columns = new int[1];
        var tile = whole.ClaimTile("p", [new DataSource("a", DataSourceType.Gauge)], Start, columns);
        for (long step = Start + 1; step <= Start + 100; step++)
        {
            tile.Update(step * 5, [BitConverter.DoubleToInt64Bits(StoreRig.Value("a", step))], [true]);
            _rig.Record(RrdOwner.Host, step, "a");
            if (step % 7 == 0)
            {
                _rig.Kill();
            }
        }

        _rig.Kill();

        var read = _rig.Store.Find(RrdOwner.Host)!.Rrd.Tiles[0];
        for (int rra = 0; rra < StoreRig.Layout.Rras.Count; rra++)
        {
            for (long row = tile.NewestRow(rra) - StoreRig.Layout.Rras[rra].Rows; row <= tile.NewestRow(rra); row++)
            {
                Assert.Equal(tile.Cell(rra, row, 0), read.Cell(rra, row, 0));
            }
            Assert.Equal(tile.Scratch(rra, 0), read.Scratch(rra, 0));
        }
    }

    [Fact]
    public void Data_sources_come_and_go_and_what_is_left_is_there_after_a_kill()
    {
        _rig.Record(RrdOwner.Host, Start + 1, Start + 5, "a", "b");
        _rig.Record(RrdOwner.Host, Start + 6, Start + 10, "a", "b", "c");
        var owned = _rig.Store.Find(RrdOwner.Host)!;
        lock (owned.Gate)
        {
            Assert.True(owned.Rrd.Remove("b"));
        }
        _rig.Record(RrdOwner.Host, Start + 11, "q", ["x"]);

        _rig.Kill();

        owned = _rig.Store.Find(RrdOwner.Host)!;
        Assert.Equal(["a", "c", "x"], owned.Rrd.DataSources.Select(d => d.Name));
        Assert.Equal(StoreRig.Value("a", Start + 2), StoreRig.Cell(owned, "a", Start + 2));
        Assert.Equal(StoreRig.Value("a", Start + 10), StoreRig.Cell(owned, "a", Start + 10));
        Assert.Equal(StoreRig.Value("c", Start + 10), StoreRig.Cell(owned, "c", Start + 10));
        Assert.True(double.IsNaN(StoreRig.Cell(owned, "c", Start + 5)));
        Assert.Equal(StoreRig.Value("x", Start + 11), StoreRig.Cell(owned, "x", Start + 11));
    }

    [Fact]
    public void Definitions_and_layout_come_back_as_they_were()
    {
        var sources = new[]
        {
            new DataSource("a", DataSourceType.Derive, 0, 1e9, 17) { Inverse = true },
            new DataSource("ä \"<>&", DataSourceType.Counter, double.NegativeInfinity, 5) { IsInteger = true },
            new DataSource("c", DataSourceType.Absolute),
        };
        var owned = _rig.Store.FindOrCreate(StoreRig.Vm, ArchiveLayout.AveragesMinMax);
        owned.Rrd.ClaimTile("p", sources, Start, new int[3]);
        _rig.Record(RrdOwner.Host, Start + 1, "a");
        _rig.Record(StoreRig.OtherVm, Start + 1, "a");

        _rig.Kill();

        var read = _rig.Store.Find(StoreRig.Vm)!.Rrd;
        Assert.Equal(sources, read.DataSources);
        Assert.Same(ArchiveLayout.AveragesMinMax, read.Layout);
        var host = _rig.Store.Find(RrdOwner.Host)!.Rrd;
        Assert.Equal(StoreRig.Layout.Rras, host.Layout.Rras);
        Assert.Same(host.Layout, _rig.Store.Find(StoreRig.OtherVm)!.Rrd.Layout);
    }

    [Fact]
    public void What_is_unknown_takes_no_room_on_the_disk()
    {
        var names = Enumerable.Range(0, 200).Select(i => $"n{i}").ToArray();
        var owned = _rig.Store.FindOrCreate(RrdOwner.Host, ArchiveLayout.AveragesMinMax);
        owned.Rrd.ClaimTile("p", [.. names.Select(n => new DataSource(n, DataSourceType.Gauge))], Start, new int[200]);
        if (IsInMemory(_rig.PathOf(RrdOwner.Host)))
        {
            return;
        }
        var status = PosixFile.Status(_rig.PathOf(RrdOwner.Host));
        Assert.InRange(status.SizeBytes, 3UL << 20, 10UL << 20);
        Assert.InRange(status.AllocatedBytes, 1UL, 128UL << 10);

        // A gap of a year is not written.
        _rig.Record(RrdOwner.Host, Start + 6_000_000, names);

        Assert.InRange(PosixFile.Status(_rig.PathOf(RrdOwner.Host)).AllocatedBytes, 1UL, 256UL << 10);
    }

    [Fact]
    public void File_belongs_to_its_user_alone_and_there_is_none_of_an_owner_without_data_sources()
    {
        _rig.Record(RrdOwner.Host, Start + 1, "a");
        _rig.Store.FindOrCreate(StoreRig.Vm, StoreRig.Layout);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_rig.PathOf(RrdOwner.Host)));
        Assert.Equal(["host.rrd"], Directory.GetFiles(_rig.Files).Select(Path.GetFileName));
    }

    [Fact]
    public void Space_that_is_free_is_used_again_and_given_back()
    {
        long largest = 0;
        for (int i = 0; i < 200; i++)
        {
            // Columns come and go: the tile is another one each time.
            _rig.Record(RrdOwner.Host, Start + 1 + i, [.. Enumerable.Range(0, 1 + i % 20).Select(n => $"n{n}")]);
            foreach (string name in Enumerable.Range(1, i % 20).Select(n => $"n{n}"))
            {
                _rig.Store.Find(RrdOwner.Host)!.Rrd.Remove(name);
            }
            if (i % 3 == 0)
            {
                Assert.Equal(0, _rig.Sync.Sync());
            }
            largest = Math.Max(largest, new FileInfo(_rig.PathOf(RrdOwner.Host)).Length);
        }
        Assert.Equal(0, _rig.Sync.Sync());

        int one = Tile.LengthOf(StoreRig.Layout, Gauges(1));
        int twenty = Tile.LengthOf(StoreRig.Layout, Gauges(20));
        Assert.InRange(largest, 4096, FileSpace.Front.Length + 6 * twenty);
        Assert.InRange(PosixFile.Status(_rig.PathOf(RrdOwner.Host)).AllocatedBytes, (ulong)one, 5 * 4096UL);
        _rig.Kill();
        Assert.Equal(StoreRig.Value("n0", Start + 200), StoreRig.Cell(_rig.Store.Find(RrdOwner.Host)!, "n0", Start + 200));
        Assert.Equal(StoreRig.Value("n0", Start + 190), StoreRig.Cell(_rig.Store.Find(RrdOwner.Host)!, "n0", Start + 190));
    }

    [Fact]
    public void Nothing_is_allocated_and_no_file_is_touched_while_the_same_data_sources_go_on()
    {
        var owned = _rig.Store.FindOrCreate(RrdOwner.Host, StoreRig.Layout);
        var tile = owned.Rrd.ClaimTile("p", [new DataSource("a", DataSourceType.Gauge)], Start, new int[1]);
        long[] raw = [1];
        bool[] known = [true];
        for (int i = 1; i < 300; i++)
        {
            tile.Update((Start + i) * 5, raw, known);
        }
        // Without its name no system call on the file works any more.
        File.Delete(_rig.PathOf(RrdOwner.Host));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 300; i < 600; i++)
        {
            tile.Update((Start + i) * 5, raw, known);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(0, _rig.Store.InMemory);
    }

    private static DataSource[] Gauges(int count) => [.. Enumerable.Range(0, count).Select(i => new DataSource($"n{i}", DataSourceType.Gauge))];

    private static bool IsInMemory(string path)
    {
        using var file = PosixFile.OpenForReading(path);
        return PosixFile.IsInMemory(file);
    }
}
