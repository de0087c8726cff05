using CollectorAgent.Rrd;

namespace CollectorAgent.Store.Tests;

/// <summary>Files that are not as they were written. What can be read of them is what was written; the rest is unknown.</summary>
public sealed class DamageTests : IDisposable
{
    private readonly StoreRig _rig = new();

    // All that was ever recorded.
    private readonly Dictionary<(string Name, int Rra, long Row), double> _truth = [];

    /// <summary>A history with a gap, in two tiles that were made anew several times, of which the last change is not on disk.</summary>
    public DamageTests()
    {
        Record(1, 30, "a", "b");
        Assert.Equal(0, _rig.Sync.Sync());
        Record(31, 60, "a", "b", "c");
        Assert.Equal(0, _rig.Sync.Sync());
        _rig.Record(StoreRig.Vm, StoreRig.Start + 61, "q", ["x"]);
        Record(64, 118, "a", "b", "c");
    }

    public void Dispose() => _rig.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Flipped_bit_makes_cells_unknown_but_never_another_value(int seed)
    {
        var random = new Random(seed);
        byte[] whole = File.ReadAllBytes(_rig.PathOf(StoreRig.Vm));
        int[] written = [.. whole.Index().Where(b => b.Item != 0).Select(b => b.Index)];
        int known = KnownCells(_rig.Store.Find(StoreRig.Vm)!.Rrd);
        int lost = 0;
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = [.. whole];
            int at = i % 4 == 0 ? random.Next(whole.Length) : written[random.Next(written.Length)];
            bytes[at] ^= (byte)(1 << random.Next(8));

            using var store = Open(bytes);

            lost += known - AssertTrueOrUnknown(store);
        }
        // Most bits are of one row only.
        Assert.InRange(lost / 200, 0, known / 4);
    }

    [Fact]
    public void Truncated_file_is_read_as_far_as_it_goes_or_set_aside()
    {
        byte[] whole = File.ReadAllBytes(_rig.PathOf(StoreRig.Vm));
        for (int length = 0; length < whole.Length; length += 512)
        {
            using var store = Open(whole[..length]);

            AssertTrueOrUnknown(store);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damage_to_either_copy_of_the_directory_costs_nothing_and_is_said(bool isCopy)
    {
        Assert.Equal(0, _rig.Sync.Sync());
        byte[] whole = File.ReadAllBytes(_rig.PathOf(StoreRig.Vm));
        int known = KnownCells(_rig.Store.Find(StoreRig.Vm)!.Rrd);
        var header = Enumerable.Range(0, FileHeader.Copies).Select(i => FileHeader.Read(whole.AsSpan(i * FileHeader.Bytes, FileHeader.Bytes)))
            .OfType<FileHeader>().MaxBy(h => (h.Sequence, h.IsConfirmed))!;
        long start = isCopy ? header.DirectoryCopy : header.Directory.Start;
        for (int i = 0; i < header.Directory.Length; i++)
        {
            byte[] bytes = [.. whole];
            bytes[start + i] ^= (byte)(1 << (i % 8));

            using var store = Open(bytes);

            Assert.Equal(known, AssertTrueOrUnknown(store));
        }
        Assert.Equal(!isCopy, _rig.Log.Lines.Any(l => l.Contains("one of the two copies of its directory", StringComparison.Ordinal)));
    }

    [Fact]
    public void File_that_lost_its_end_has_all_that_was_before()
    {
        Assert.Equal(0, _rig.Sync.Sync());
        byte[] whole = File.ReadAllBytes(_rig.PathOf(StoreRig.Vm));
        var kept = new List<int>();
        for (int pages = 1; whole.Length - pages * FileSpace.PageBytes >= FileSpace.Front.Length + FileSpace.PageBytes; pages++)
        {
            using var store = Open(whole[..^(pages * FileSpace.PageBytes)]);

            kept.Add(AssertTrueOrUnknown(store));
        }

        Assert.NotEqual(0, kept[0]);
        Assert.Equal(kept.OrderDescending(), kept);
        Assert.DoesNotContain(_rig.Log.Lines, l => l.Contains(".damaged", StringComparison.Ordinal));
    }

    [Fact]
    public void Zeroed_or_overwritten_sectors_make_cells_unknown_but_never_another_value()
    {
        var random = new Random(4);
        byte[] whole = File.ReadAllBytes(_rig.PathOf(StoreRig.Vm));
        for (int sector = 0; sector < whole.Length / 512; sector++)
        {
            byte[] bytes = [.. whole];
            var span = bytes.AsSpan(sector * 512, 512);
            if (sector % 3 == 0)
            {
                random.NextBytes(span);
            }
            else if (sector % 3 == 1)
            {
                span.Clear();
            }
            else
            {
                whole.AsSpan(random.Next(whole.Length / 512) * 512, 512).CopyTo(span);
            }

            using var store = Open(bytes);

            AssertTrueOrUnknown(store);
        }
    }

    [Fact]
    public void Files_that_were_swapped_are_set_aside_and_say_whose_they_are()
    {
        _rig.Record(StoreRig.OtherVm, StoreRig.Start + 1, "z");
        File.Move(_rig.PathOf(StoreRig.Vm), _rig.PathOf(RrdOwner.Host));
        File.Move(_rig.PathOf(StoreRig.OtherVm), _rig.PathOf(StoreRig.Vm));

        _rig.Kill();

        Assert.Empty(_rig.Store.All);
        string expected = $"{_rig.PathOf(RrdOwner.Host)}.damaged: it is the file of {StoreRig.Vm.FileName}";
        Assert.Contains(_rig.Log.Lines, l => l.Contains(expected, StringComparison.Ordinal));
        Assert.Contains(_rig.Log.Lines, l => l.Contains("it is the file of " + StoreRig.OtherVm.FileName, StringComparison.Ordinal));
        Assert.True(File.Exists(_rig.PathOf(StoreRig.Vm) + ".damaged"));
    }

    [Theory]
    [InlineData("garbage", "it is too short")]
    [InlineData("empty", "it is too short")]
    [InlineData("zeros", "it has no header of the store")]
    [InlineData("folder", "it is no regular file")]
    [InlineData("fifo", "it is no regular file")]
    [InlineData("link", "it is no regular file")]
    public void What_is_no_file_of_the_store_is_set_aside_and_the_owner_starts_anew(string what, string reason)
    {
        string path = _rig.PathOf(RrdOwner.Host);
        string elsewhere = Path.Combine(_rig.Folder, "elsewhere");
        File.WriteAllText(elsewhere, "mine");
        switch (what)
        {
            case "garbage":
                File.WriteAllText(path, "garbage");
                break;
            case "empty":
                File.WriteAllText(path, "");
                break;
            case "zeros":
                File.WriteAllBytes(path, new byte[10_000]);
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "fifo":
                Assert.Equal(0, Programs.Run("mkfifo", path));
                break;
            default:
                File.CreateSymbolicLink(path, elsewhere);
                break;
        }

        _rig.Kill();
        _rig.Record(RrdOwner.Host, StoreRig.Start + 1, "a");
        _rig.Kill();

        Assert.Contains(_rig.Log.Lines, l => l.Contains(path, StringComparison.Ordinal) && l.Contains(reason, StringComparison.Ordinal));
        Assert.Contains(_rig.Log.Lines, l => l == "host starts without history");
        Assert.True(Path.Exists(path + ".damaged"));
        Assert.Equal("mine", File.ReadAllText(elsewhere));
        Assert.Equal(StoreRig.Value("a", StoreRig.Start + 1), StoreRig.Cell(_rig.Store.Find(RrdOwner.Host)!, "a", StoreRig.Start + 1));
        Assert.Equal(StoreRig.Value("a", StoreRig.Start + 118), StoreRig.Cell(_rig.Store.Find(StoreRig.Vm)!, "a", StoreRig.Start + 118));
    }

    [Fact]
    public void File_that_was_set_aside_is_never_overwritten_by_the_next_one()
    {
        for (int i = 0; i < 3; i++)
        {
            File.WriteAllText(_rig.PathOf(RrdOwner.Host), $"garbage {i}");
            _rig.Kill();
        }

        string path = _rig.PathOf(RrdOwner.Host) + ".damaged";
        Assert.Equal(["garbage 0", "garbage 1", "garbage 2"], new[] { path, path + "-1", path + "-2" }.Select(File.ReadAllText));
    }

    [Fact]
    public void File_of_a_newer_agent_is_left_as_it_is_and_its_owner_goes_on_in_memory()
    {
        string path = _rig.PathOf(StoreRig.Vm);
        byte[] bytes = File.ReadAllBytes(path);
        for (int copy = 0; copy < FileHeaderBytes.Copies; copy++)
        {
            FileHeaderBytes.SetVersion(bytes, copy, 2);
        }
        File.WriteAllBytes(path, bytes);

        _rig.Kill();
        _rig.Record(StoreRig.Vm, StoreRig.Start + 200, "a");
        Assert.Equal(1, _rig.Sync.Sync());

        Assert.Contains(_rig.Log.Lines, l => l.Contains("it has format version 2, this agent knows 1", StringComparison.Ordinal));
        Assert.Equal(1, _rig.Store.InMemory);
        Assert.Equal(StoreRig.Value("a", StoreRig.Start + 200), StoreRig.Cell(_rig.Store.Find(StoreRig.Vm)!, "a", StoreRig.Start + 200));
        Assert.Equal(bytes, File.ReadAllBytes(path));
    }

    [Fact]
    public void Strange_files_are_left_alone()
    {
        string strange = Path.Combine(_rig.Files, "readme.rrd");
        File.WriteAllText(strange, "mine");

        _rig.Kill();

        Assert.Single(_rig.Store.All);
        Assert.Equal("mine", File.ReadAllText(strange));
        Assert.Contains(_rig.Log.Lines, l => l.Contains("is no file of the store", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("states")]
    [InlineData("tag")]
    public void Tile_without_a_whole_state_starts_anew_and_the_others_are_as_they_were(string what)
    {
        Assert.Equal(0, _rig.Sync.Sync());
        byte[] bytes = File.ReadAllBytes(_rig.PathOf(StoreRig.Vm));
        long at = bytes.AsSpan().IndexOf(BitConverter.GetBytes(StoreRig.Value("x", StoreRig.Start + 61)));
        Assert.True(at > 0);
        int start = (int)(at / 4096 * 4096);
        bytes.AsSpan(what == "tag" ? start : start + 64, what == "tag" ? 8 : 1024).Clear();

        using var store = Open(bytes);

        var owned = store.Find(StoreRig.Vm)!;
        Assert.Null(owned.Rrd.Find("x"));
        Assert.Equal(StoreRig.Value("a", StoreRig.Start + 118), StoreRig.Cell(owned, "a", StoreRig.Start + 118));
        Assert.Contains(_rig.Log.Lines, l => l.Contains("cannot be read and start without history (x, ...)", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(40)]
    [InlineData(63)]
    public void Row_whose_number_was_changed_is_unknown_to_readers_and_said(int bit)
    {
        Assert.Equal(0, _rig.Sync.Sync());
        byte[] bytes = File.ReadAllBytes(_rig.PathOf(StoreRig.Vm));
        int at = bytes.AsSpan().LastIndexOf(BitConverter.GetBytes(StoreRig.Start + 110 - 1));
        bytes[at + bit / 8] ^= (byte)(1 << (bit % 8));

        using var store = Open(bytes);

        Assert.NotEqual(0, AssertTrueOrUnknown(store));
        Assert.True(double.IsNaN(StoreRig.Cell(store.Find(StoreRig.Vm)!, "a", StoreRig.Start + 110)));
        Assert.Equal(1, store.Find(StoreRig.Vm)!.DamagedRows());
    }

    [Fact]
    public void Damaged_rows_are_said()
    {
        string path = _rig.PathOf(StoreRig.Vm);
        byte[] bytes = File.ReadAllBytes(path);
        int at = bytes.AsSpan().LastIndexOf(BitConverter.GetBytes(StoreRig.Value("a", StoreRig.Start + 110)));
        bytes[at] ^= 1;
        File.WriteAllBytes(path, bytes);
        _rig.Kill();

        Assert.True(double.IsNaN(StoreRig.Cell(_rig.Store.Find(StoreRig.Vm)!, "a", StoreRig.Start + 110)));
        _rig.Sync.Sync();

        Assert.Contains(_rig.Log.Lines, l => l.Contains("1 rows differ from what was written", StringComparison.Ordinal));
    }

    private static int KnownCells(RoundRobinDatabase rrd)
    {
        int known = 0;
        ForEachCell(rrd, (_, _, _, value) => known += double.IsNaN(value) ? 0 : 1);
        return known;
    }

    private static void ForEachCell(RoundRobinDatabase rrd, Action<string, int, long, double> look)
    {
        foreach (var tile in rrd.Tiles)
        {
            for (int rra = 0; rra < rrd.Layout.Rras.Count; rra++)
            {
                for (long row = tile.NewestRow(rra) - rrd.Layout.Rras[rra].Rows - 1; row <= tile.NewestRow(rra) + 1; row++)
                {
                    for (int column = 0; column < tile.Columns.Count; column++)
                    {
                        look(tile.Columns[column].Name, rra, row, tile.Cell(rra, row, column));
                    }
                }
            }
        }
    }

    private void Record(int first, int last, params string[] names)
    {
        for (int step = first; step <= last; step++)
        {
            var owned = _rig.Record(StoreRig.Vm, StoreRig.Start + step, names);
            ForEachCell(owned.Rrd, (name, rra, row, value) =>
            {
                if (!double.IsNaN(value))
                {
                    _truth[(name, rra, row)] = value;
                }
            });
        }
    }

    private RrdStore Open(byte[] bytes)
    {
        string folder = Path.Combine(_rig.Folder, "copy");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
        Directory.CreateDirectory(Path.Combine(folder, "rrds"));
        File.WriteAllBytes(Path.Combine(folder, "rrds", StoreRig.Vm.FileName + ".rrd"), bytes);
        var store = new RrdStore(new StoreOptions(folder) { Boot = _rig.Boot }, _rig.Log);
        store.Load(DateTimeOffset.MaxValue);
        return store;
    }

    /// <returns>How many cells are known.</returns>
    private int AssertTrueOrUnknown(RrdStore store)
    {
        if (store.Find(StoreRig.Vm) is not { } owned)
        {
            Assert.Contains(_rig.Log.Lines, l => l.Contains(".damaged", StringComparison.Ordinal));
            return 0;
        }
        int known = 0;
        // Read twice: what was found damaged stays unknown.
        for (int i = 0; i < 2; i++)
        {
            known = 0;
            ForEachCell(owned.Rrd, (name, rra, row, value) =>
            {
                if (!double.IsNaN(value))
                {
                    Assert.Equal(_truth.GetValueOrDefault((name, rra, row), double.NaN), value);
                    known++;
                }
            });
        }
        // Whoever reads all of it gets all of it: what is unknown is no reason to refuse.
        var snapshot = owned.Copy(r => r.Snapshot(owned.Gate));
        foreach (var (rra, definition) in snapshot.Layout.Rras.Index())
        {
            long newest = snapshot.LastStep / definition.PdpPerCdp - 1;
            snapshot.CopyRows(rra, newest - definition.Rows + 1, definition.Rows, new double[definition.Rows * snapshot.Columns]);
        }
        long next = StoreRig.Start + 200;
        var first = owned.Rrd.Tiles.FirstOrDefault(t => t.Columns.Count > 0);
        Assert.True(first?.Update(next * 5, new long[first.Columns.Count], new bool[first.Columns.Count]) ?? true);
        return known;
    }
}
