using CollectorAgent.Rrd;
using CollectorAgent.TestKit;

namespace CollectorAgent.Store.Tests;

/// <summary>One owner's history with changes, syncs and kills in a random order, until the power fails.</summary>
internal sealed class CutHistory : IDisposable
{
    private const int FinestRows = 20;
    private const int SpareRows = 4;
    private const int HeartbeatSteps = 60;

    private static readonly RrdOwner Owner = StoreRig.Vm;

    private readonly Random _random;
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ca-cut-");
    private readonly CapturedLog _log = new();
    private readonly SimulatedDisk _disk;
    private readonly List<string> _events = [];

    // All that was ever recorded; and of the data sources that were not removed since the last sync, the step that was synced.
    private readonly Dictionary<(string Name, int Rra, long Row), double> _truth = [];
    private Dictionary<string, long> _synced = [];
    private readonly List<string> _names = ["a", "b"];

    private StoreFolder _folder;
    private OwnerSpace _space;
    private RoundRobinDatabase _rrd;
    private Guid _boot = Guid.NewGuid();
    private long _step = StoreRig.Start;
    private int _madeNames;

    // 0 no sync under way, 1 first flush, 2 second flush.
    private int _phase;
    private Dictionary<string, long> _syncing = [];
    private Dictionary<string, long>? _opened;

    public CutHistory(int seed)
    {
        _random = new Random(seed);
        _folder = new StoreFolder(_root.FullName, _boot, _log);
        _space = new OwnerSpace(_folder, Owner);
        _rrd = new RoundRobinDatabase(StoreRig.Layout, _space);
        _disk = new SimulatedDisk(_folder.PathOf(Owner));
    }

    public string Describe() => string.Join(' ', _events);

    public void Run()
    {
        int events = _random.Next(5, 120);
        for (int i = 0; i < events; i++)
        {
            Next();
            _disk.Capture();
        }
        byte[] image = _disk.Cut(_random);
        _space.Close();
        File.WriteAllBytes(_folder.PathOf(Owner), image);
        _boot = Guid.NewGuid();
        if (!TryOpen())
        {
            Assert.Empty(_synced);
            return;
        }
        Check();
        GoOn();
    }

    public void Dispose()
    {
        _space.Close();
        _root.Delete(recursive: true);
    }

    private void Next()
    {
        switch (_random.Next(20))
        {
            case 0:
                Note("gap");
                _step += _random.Next(1, 30);
                break;
            case 1:
                Note("add");
                _names.Add($"n{_madeNames++}");
                break;
            case 2 when _names.Count > 1:
                Remove(_names[_random.Next(_names.Count)]);
                break;
            case 3:
                Note("other");
                Record(++_step, "q", [$"q{_random.Next(3)}"]);
                break;
            case 4 when _opened is null:
                // A process syncs as soon as it runs: two kills without a sync between them are no part of this.
                Kill();
                break;
            case 5 or 6 or 7:
                Sync();
                break;
            default:
                Note("step");
                Record(++_step, "p", [.. _names]);
                break;
        }
    }

    private void Note(string what) => _events.Add(what);

    private void Record(long step, string plugin, string[] names)
    {
        int[] columns = new int[names.Length];
        var tile = _rrd.ClaimTile(plugin, [.. names.Select(n => new DataSource(n, DataSourceType.Gauge))], step - 1, columns);
        long[] raw = new long[tile.Columns.Count];
        bool[] known = new bool[tile.Columns.Count];
        for (int i = 0; i < names.Length; i++)
        {
            raw[columns[i]] = BitConverter.DoubleToInt64Bits(StoreRig.Value(names[i], step));
            known[columns[i]] = true;
        }
        Assert.True(tile.Update(step * 5, raw, known));
        ForEachKnownCell((cell, value) => _truth[cell] = value);
    }

    private void Remove(string name)
    {
        Note($"remove:{name}");
        _rrd.Remove(name);
        _names.Remove(name);
        _synced.Remove(name);
        _syncing.Remove(name);
    }

    private void Kill()
    {
        Note("kill");
        _phase = 0;
        _disk.AbandonFlush();
        _space.Close();
        if (!TryOpen())
        {
            _space = new OwnerSpace(_folder, Owner);
            _rrd = new RoundRobinDatabase(StoreRig.Layout, _space);
        }
        _opened = Steps();
    }

    private Dictionary<string, long> Steps() =>
        _rrd.Tiles.SelectMany(t => t.Columns.Select(c => (c.Name, t.LastStep))).ToDictionary(c => c.Name, c => c.LastStep);

    /// <summary>One phase of a sync: they are far between.</summary>
    private void Sync()
    {
        Note($"sync{_phase}");
        if (_phase == 0)
        {
            // The first sync after a start is one of what was found then.
            var now = Steps();
            _syncing = _opened is null ? now : now.ToDictionary(n => n.Key, n => _opened.GetValueOrDefault(n.Key, n.Value));
            if (_space.BeginSync(_rrd))
            {
                _phase = 1;
                _disk.BeginFlush();
            }
            return;
        }
        _disk.EndFlush();
        if (_phase == 1 && _space.Confirm())
        {
            _phase = 2;
            _disk.BeginFlush();
            return;
        }
        _space.EndSync(_rrd, isOnDisk: true);
        _phase = 0;
        _synced = new(_syncing);
        _opened = null;
    }

    private bool TryOpen()
    {
        _folder = new StoreFolder(_root.FullName, _boot, _log);
        if (!File.Exists(_folder.PathOf(Owner)))
        {
            return false;
        }
        try
        {
            var owned = new FileRecovery(_folder, _log).Open(Owner);
            _rrd = owned.Rrd;
            _space = owned.Space;
            return true;
        }
        catch (DamagedFileException)
        {
            StoreFolder.SetAside(_folder.PathOf(Owner));
            return false;
        }
    }

    private void Check()
    {
        ForEachKnownCell((cell, value) =>
        {
            if (_truth.TryGetValue(cell, out double recorded))
            {
                Assert.Equal(recorded, value);
            }
            else
            {
                AssertCanBe(cell.Name, cell.Rra, cell.Row, value);
            }
        });
        foreach (var (name, synced) in _synced)
        {
            Assert.InRange(_rrd.Find(name)!.Value.Tile.LastStep, synced, _step);
        }
        foreach (var ((name, rra, row), value) in _truth.Where(t => _synced.ContainsKey(t.Key.Name)))
        {
            int pdps = StoreRig.Layout.Rras[rra].PdpPerCdp;
            var (tile, column) = _rrd.Find(name)!.Value;
            // Newer rows take the place of older ones, before they count.
            bool isHeld = row > _step / pdps - StoreRig.Layout.Rras[rra].Rows - SpareRows && row > tile.NewestRow(rra) - StoreRig.Layout.Rras[rra].Rows;
            if ((row + 1) * pdps <= _synced[name] && isHeld)
            {
                Assert.Equal(value, tile.Cell(rra, row, column));
            }
        }
    }

    /// <summary>Recording goes on: with a gap over what was lost, and with what was lost recorded once more.</summary>
    private void GoOn()
    {
        long from = Math.Max(_rrd.LastStep, StoreRig.Start);
        long gap = _random.Next(4) == 0 ? 0 : _random.Next(1, 30);
        long first = from + gap + 1;
        foreach (var tile in _rrd.Tiles)
        {
            tile.EndUnknown(first - 1);
        }
        for (long step = first; step < first + FinestRows / 2; step++)
        {
            Record(step, "r", ["a", "new"]);
        }
        foreach (string name in new[] { "a", "new" })
        {
            var (tile, column) = _rrd.Find(name)!.Value;
            for (long step = from + 1; step < first; step++)
            {
                // What was recorded but not synced may come to light.
                AssertCanBe(name, 0, step - 1, tile.Cell(0, step - 1, column));
            }
        }
        _space.Close();
        Assert.True(TryOpen());
        for (long step = first; step < first + FinestRows / 2; step++)
        {
            var (tile, column) = _rrd.Find("new")!.Value;
            Assert.Equal(StoreRig.Value("new", step), tile.Cell(0, step - 1, column));
        }
    }

    /// <summary>A value is that of its step or, after a pause, of a later one; a row that nobody has seen may have been there all the same.</summary>
    private static void AssertCanBe(string name, int rra, long row, double value)
    {
        int pdps = StoreRig.Layout.Rras[rra].PdpPerCdp;
        long first = row * pdps + 1;
        long last = first + pdps - 1 + HeartbeatSteps;
        bool can = double.IsNaN(value) || (rra == 0
            ? Enumerable.Range(0, HeartbeatSteps + 1).Any(i => value == StoreRig.Value(name, first + i))
            : value >= StoreRig.Value(name, first) && value <= StoreRig.Value(name, last));
        Assert.True(can, $"{name} is {value} in the row of steps {first} and after");
    }

    private void ForEachKnownCell(Action<(string Name, int Rra, long Row), double> look)
    {
        foreach (var tile in _rrd.Tiles)
        {
            for (int rra = 0; rra < _rrd.Layout.Rras.Count; rra++)
            {
                for (long row = tile.NewestRow(rra) - _rrd.Layout.Rras[rra].Rows; row <= tile.NewestRow(rra); row++)
                {
                    for (int column = 0; column < tile.Columns.Count; column++)
                    {
                        if (tile.Cell(rra, row, column) is var value && !double.IsNaN(value))
                        {
                            look((tile.Columns[column].Name, rra, row), value);
                        }
                    }
                }
            }
        }
    }
}
