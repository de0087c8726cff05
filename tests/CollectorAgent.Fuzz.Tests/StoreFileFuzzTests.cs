using CollectorAgent.Rrd;
using CollectorAgent.Store;
using CollectorAgent.Store.Tests;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Files of the store, of one owner each.</summary>
public sealed class StoreFileFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly StoreRig _rig = new();
    private readonly DirectoryInfo _copy = Directory.CreateTempSubdirectory("ca-fuzz-");

    // All that was ever recorded.
    private readonly Dictionary<(string Name, int Rra, long Row), double> _truth = [];

    public void Dispose()
    {
        _rig.Dispose();
        _copy.Delete(recursive: true);
    }

    [Fact]
    public void File_that_was_changed_has_what_was_recorded_or_nothing()
    {
        Record(1, 30, "a", "b");
        Assert.Equal(0, _rig.Sync.Sync());
        byte[] early = File.ReadAllBytes(_rig.PathOf(StoreRig.Vm));
        Record(31, 60, "a", "b", "c");
        Assert.Equal(0, _rig.Sync.Sync());
        _rig.Record(StoreRig.Vm, StoreRig.Start + 61, "q", ["x"]);
        Record(64, 118, "a", "b", "c");
        byte[] late = File.ReadAllBytes(_rig.PathOf(StoreRig.Vm));
        string folder = Path.Combine(_copy.FullName, "rrds");
        new Fuzzing("store-file", [late, early], output) { IsInPlace = true }.Run(bytes =>
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(Path.Combine(folder, StoreRig.Vm.FileName + ".rrd"), bytes);
            var log = new CapturedLog();
            using var store = new RrdStore(new StoreOptions(_copy.FullName) { Boot = _rig.Boot }, log);
            store.Load(DateTimeOffset.MaxValue);
            if (store.Find(StoreRig.Vm) is not { } owned)
            {
                Assert.Contains(log.Lines, l => l.Contains(".damaged", StringComparison.Ordinal));
                return false;
            }
            AssertTrueOrUnknown(owned.Rrd);
            var first = owned.Rrd.Tiles.FirstOrDefault(t => t.Columns.Count > 0);
            Assert.True(first?.Update((StoreRig.Start + 200) * 5, new long[first.Columns.Count], new bool[first.Columns.Count]) ?? true);
            return log.Lines.Count == 0;
        });
    }

    private static void ForEachCell(RoundRobinDatabase rrd, Action<(string Name, int Rra, long Row), double> look)
    {
        foreach (var tile in rrd.Tiles)
        {
            for (int rra = 0; rra < rrd.Layout.Rras.Count; rra++)
            {
                for (long row = tile.NewestRow(rra) - rrd.Layout.Rras[rra].Rows - 1; row <= tile.NewestRow(rra) + 1; row++)
                {
                    for (int column = 0; column < tile.Columns.Count; column++)
                    {
                        look((tile.Columns[column].Name, rra, row), tile.Cell(rra, row, column));
                    }
                }
            }
        }
    }

    private void Record(int first, int last, params string[] names)
    {
        for (int step = first; step <= last; step++)
        {
            ForEachCell(_rig.Record(StoreRig.Vm, StoreRig.Start + step, names).Rrd, (cell, value) =>
            {
                if (!double.IsNaN(value))
                {
                    _truth[cell] = value;
                }
            });
        }
    }

    private void AssertTrueOrUnknown(RoundRobinDatabase rrd) => ForEachCell(rrd, (cell, value) =>
        Assert.True(double.IsNaN(value) || _truth.GetValueOrDefault(cell, double.NaN) == value, $"{cell} is {value}"));
}
