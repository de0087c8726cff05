using CollectorAgent.Storage;
using CollectorAgent.TestKit;

namespace CollectorAgent.LvmSrPlugin.Tests;

public sealed class LvmSrStatsTests : IDisposable
{
    private const string Thick = "sr 0c9b5a1e-6f4d-4b52-9d35-7b1f2a0e8c11 ";
    private const string Thin = "sr 5b0e7c1d-2c51-4f7e-8f8e-0b8c6a9e1f77 ";

    private readonly FakeLvm _lvm = new();

    public void Dispose() => _lvm.Dispose();

    [Fact]
    public async Task Each_sr_has_its_size_free_space_and_allocation()
    {
        using var page = Page(_lvm.Folder);

        var values = await page.TakeUntilAsync(values => values.Count > 0);

        Assert.Equal(
            ["lvm_allocation", "lvm_free", "lvm_size", "lvm_utilisation"],
            values.Keys.Where(key => key.StartsWith(Thick)).Select(key => key[Thick.Length..]));
        Assert.Equal(499558383616, values[Thick + "lvm_size"]);
        Assert.Equal(400000000000, values[Thick + "lvm_free"]);
        Assert.Equal(99558383616.0 / 499558383616, values[Thick + "lvm_utilisation"]);
        Assert.Equal(4194304 + 42949672960 + 56604516352, values[Thick + "lvm_allocation"]);
        Assert.Equal(8, values.Count);   // of two SRs: the other groups are none
    }

    [Fact]
    public async Task A_thin_pool_counts_by_its_volumes_and_tells_how_full_it_is()
    {
        await File.WriteAllTextAsync(_lvm.PathOf("map"), "thin " + Thin["sr ".Length..]);
        using var page = Page(_lvm.Folder);

        var values = await page.TakeUntilAsync(values => values.Count > 0);

        Assert.Equal(429496729600 + 214748364800, values[Thin + "lvm_allocation"]);
        Assert.Equal(0.4207, values[Thin + "lvm_pool_pool0_data"]);
        Assert.Equal(0.125, values[Thin + "lvm_pool_pool0_metadata"]);
        Assert.DoesNotContain(Thin + "lvm_pool_vm-1_data", values.Keys);
    }

    [Fact]
    public async Task What_is_not_known_is_left_out()
    {
        _lvm.Does("lvs", "exit 5");
        using var page = Page(_lvm.Folder);

        var values = await page.TakeUntilAsync(values => values.Count > 0);

        Assert.Equal(
            ["lvm_free", "lvm_size", "lvm_utilisation"],
            values.Keys.Where(key => key.StartsWith(Thick)).Select(key => key[Thick.Length..]));
    }

    [Fact]
    public async Task Sources_are_those_of_the_documentation()
    {
        await File.WriteAllTextAsync(_lvm.PathOf("map"), "thin " + Thin["sr ".Length..]);
        using var page = Page(_lvm.Folder);
        await page.TakeUntilAsync(values => values.Count > 0);

        var rows = page.Sources.Values.Where(source => source.Owner.ToString() == Thin.TrimEnd()).Select(source =>
            $"| `{source.Name.Replace("_pool0", "_<pool>")}` | {source.Type.ToString().ToUpperInvariant()} {(source.IsInteger ? "int64" : "float")} " +
            $"| {source.Units} | {source.Min}{(double.IsPositiveInfinity(source.Max) ? "…" : $"–{source.Max}")} " +
            $"| {(source.IsDefault ? "yes" : "no")} |");

        string documentation = await File.ReadAllTextAsync(FakeLvm.Fixture("../../../docs/sr-plugins.md"));
        Assert.Equal(6, rows.Count());
        Assert.All(rows, row => Assert.Contains(row, documentation, StringComparison.Ordinal));
        Assert.All(page.Sources.Values, source => Assert.NotEmpty(source.Description));
    }

    [LvmFact]
    public async Task Real_lvm_is_read()
    {
        string uuid = Guid.NewGuid().ToString();
        using var group = new LoopVolumeGroup("VG_XenStorage-" + uuid, 200 << 20);
        group.AddVolume("VHD-1", "20m");
        group.AddVolume("MGT", "4m");
        group.AddThinPool();
        using var page = Page("/usr/sbin", group.Config);

        var values = await page.TakeUntilAsync(values => values.Count > 0);

        string[] vgs = group.Lvm("vgs", "--noheadings", "--units", "b", "--nosuffix", "-o", "vg_size,vg_free").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        double size = double.Parse(vgs[0], System.Globalization.CultureInfo.InvariantCulture);
        double free = double.Parse(vgs[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(196 << 20, size);
        Assert.Equal((196 - 20 - 4 - 40 - 4 - 4) << 20, free);   // two areas of 4 MiB are the pool's metadata and their spare
        Assert.Equal(
            new SortedDictionary<string, double>
            {
                [$"sr {uuid} lvm_size"] = size,
                [$"sr {uuid} lvm_free"] = free,
                [$"sr {uuid} lvm_utilisation"] = (size - free) / size,
                [$"sr {uuid} lvm_allocation"] = (20 + 4 + 300) << 20,
            },
            values);
    }

    private PublishedPage Page(string folder, string config = "")
    {
        var options = new LvmOptions(folder, config, _lvm.PathOf("map"), TimeSpan.FromSeconds(30));
        return new PublishedPage(new LvmSrStats(new LvmSrs(options, TimeProvider.System, Console.Error), mayCome: true).Report);
    }
}
