using CollectorAgent.Rrd;
using CollectorAgent.TestKit;

namespace CollectorAgent.Store.Tests;

/// <summary>A store in a folder of its own. Each data source is a gauge whose value in a step follows from its name and the step.</summary>
internal sealed class StoreRig : IDisposable
{
    /// <summary>The newest step that is over when nothing was recorded yet.</summary>
    public const long Start = 360_000_000;

    public static readonly RrdOwner Vm = new(RrdOwnerKind.Vm, "5b7a1c1e-0000-4000-8000-000000000001");
    public static readonly RrdOwner OtherVm = new(RrdOwnerKind.Vm, "5b7a1c1e-0000-4000-8000-000000000002");

    /// <summary>Small rings, so that they come round within a test: 20 steps, and 6 rows of a minute.</summary>
    public static readonly ArchiveLayout Layout = new(5,
    [
        new RraDefinition(ConsolidationFunction.Average, 1, 20, 0.5),
        new RraDefinition(ConsolidationFunction.Average, 12, 6, 0.5),
        new RraDefinition(ConsolidationFunction.Average, 48, 4, 0.5),
    ]);

    private readonly DirectoryInfo? _own;
    private readonly string _folder;

    /// <param name="folder">Where the store is; a folder of its own where nothing is said.</param>
    public StoreRig(string? folder = null)
    {
        _own = folder is null ? Directory.CreateTempSubdirectory("ca-store-") : null;
        _folder = folder ?? _own!.FullName;
        Boot = Guid.NewGuid();
        Store = Open();
        Sync = new StoreSync(Store, Time, Log);
    }

    public ManualTime Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds(Start * 5));

    public CapturedLog Log { get; } = new();

    public RrdStore Store { get; private set; }

    public StoreSync Sync { get; private set; }

    public string Folder => _folder;

    public string Files => Path.Combine(_folder, "rrds");

    public string Archives => Path.Combine(_folder, "archives");

    /// <summary>Which run of the machine this is.</summary>
    public Guid Boot { get; set; }

    /// <summary>A value that no other data source or step has, which has no short binary form.</summary>
    public static double Value(string name, long step) => (step - Start) + 1 / (3.0 + name.Sum(c => (double)c));

    /// <summary>The value of a data source in a step; NaN where it is unknown.</summary>
    public static double Cell(OwnedRrd owned, string name, long step) => owned.Copy(rrd =>
        rrd.Find(name) is { } place ? place.Tile.Cell(0, step - 1, place.Column) : double.NaN);

    public string PathOf(RrdOwner owner) => Path.Combine(Files, owner.FileName + ".rrd");

    /// <summary>Records one step of one plugin's data sources.</summary>
    public OwnedRrd Record(RrdOwner owner, long step, params string[] names) => Record(owner, step, "p", names);

    public OwnedRrd Record(RrdOwner owner, long step, string plugin, string[] names)
    {
        var owned = Store.FindOrCreate(owner, Layout);
        lock (owned.Gate)
        {
            var places = new ColumnPlace?[names.Length];
            owned.Rrd.Claim(plugin, [.. names.Select(n => new DataSource(n, DataSourceType.Gauge))], step - 1, places);
            foreach (var tile in places.Index().GroupBy(p => p.Item!.Value.Tile))
            {
                long[] raw = new long[tile.Key.Columns.Count];
                bool[] known = new bool[raw.Length];
                foreach (var (i, place) in tile)
                {
                    raw[place!.Value.Column] = BitConverter.DoubleToInt64Bits(Value(names[i], step));
                    known[place.Value.Column] = true;
                }
                Assert.True(tile.Key.Update(step * 5, raw, known));
            }
        }
        return owned;
    }

    public void Record(RrdOwner owner, long first, long last, params string[] names)
    {
        for (long step = first; step <= last; step++)
        {
            Record(owner, step, names);
        }
    }

    /// <summary>Another process takes over what is on disk or in the kernel's memory. The one before never ended as it should.</summary>
    public void Kill()
    {
        Store = Open();
        Sync = new StoreSync(Store, Time, Log);
        Store.Load(DateTimeOffset.MaxValue);
    }

    /// <summary>The machine starts anew, and with it the agent.</summary>
    public void Reboot()
    {
        Boot = Guid.NewGuid();
        Kill();
    }

    public void Dispose()
    {
        Store.Dispose();
        _own?.Delete(recursive: true);
    }

    private RrdStore Open() =>
        new(new StoreOptions(_folder) { Boot = Boot, Archives = Archives, HostUuid = "7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e" }, Log);
}
