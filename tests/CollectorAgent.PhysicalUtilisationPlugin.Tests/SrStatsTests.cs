using System.Collections.Concurrent;
using CollectorAgent.Storage;
using CollectorAgent.TestKit;

namespace CollectorAgent.PhysicalUtilisationPlugin.Tests;

public sealed class SrStatsTests : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly string _root = Directory.CreateTempSubdirectory("sr-mount-").FullName;
    private readonly FakeLvm _lvm = new();
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly StringWriter _errors = new();
    private readonly StringWriter _lvmErrors = new();
    private readonly LvmSrs _lvmSrs;
    private readonly MountedSrs _mounted;
    private readonly PublishedPage _page;
    private readonly ManualResetEventSlim _serverIsBack = new();
    private readonly HashSet<string> _hanging = [];
    private readonly ConcurrentBag<string> _looks = [];

    public SrStatsTests()
    {
        _lvmSrs = new LvmSrs(new LvmOptions(_lvm.Folder, "", _lvm.PathOf("map"), Period), _time, _lvmErrors);
        _mounted = new MountedSrs(_root, Open, Period, _time, _errors);
        _page = new PublishedPage(new SrStats(_mounted, _lvmSrs, mayCome: true).Report);
    }

    public void Dispose()
    {
        _serverIsBack.Set();
        _mounted.Dispose();
        _lvmSrs.Dispose();
        _page.Dispose();
        _lvm.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task Srs_of_every_type_are_on_the_page()
    {
        string folder = Uuid(1);
        Directory.CreateDirectory(Path.Combine(_root, folder));
        Directory.CreateDirectory(Path.Combine(_root, "SMB"));
        await File.WriteAllTextAsync(_lvm.PathOf("map"), "thin " + Uuid(2));

        var values = await _page.TakeUntilAsync(values => values.Count >= 10);

        Assert.Equal(
            new SortedDictionary<string, double>
            {
                // VHDs: what they seem to have is written inside them.
                ["sr 0c9b5a1e-6f4d-4b52-9d35-7b1f2a0e8c11 physical_utilisation"] = 99558383616,
                ["sr 0c9b5a1e-6f4d-4b52-9d35-7b1f2a0e8c11 size"] = 499558383616,
                ["sr e1b7d2ac-93f0-4a6c-b1de-52c3f7a9d840 physical_utilisation"] = 10737418240,
                ["sr e1b7d2ac-93f0-4a6c-b1de-52c3f7a9d840 size"] = 214744170496,
                ["sr e1b7d2ac-93f0-4a6c-b1de-52c3f7a9d840 virtual_allocation"] = 10737418240,
                [$"sr {Uuid(2)} physical_utilisation"] = 1000203091968 - 499998785536,
                [$"sr {Uuid(2)} size"] = 1000203091968,
                [$"sr {Uuid(2)} virtual_allocation"] = 429496729600 + 214748364800,
                [$"sr {folder} physical_utilisation"] = 40,
                [$"sr {folder} size"] = 100,
                [$"sr {folder} virtual_allocation"] = 1000,
            },
            values);
        Assert.Equal("", _errors.ToString() + _lvmErrors);
    }

    [Fact]
    public async Task Sources_are_those_of_the_documentation()
    {
        Directory.CreateDirectory(Path.Combine(_root, Uuid(1)));
        await _page.TakeUntilAsync(values => values.ContainsKey($"sr {Uuid(1)} size"));

        var rows = _page.Sources.Values.Where(source => source.Owner.Uuid == Uuid(1)).Select(source =>
            $"| `{source.Name}` | {source.Type.ToString().ToUpperInvariant()} {(source.IsInteger ? "int64" : "float")} " +
            $"| {source.Units} | {source.Min}{(double.IsPositiveInfinity(source.Max) ? "…" : $"–{source.Max}")} " +
            $"| {(source.IsDefault ? "yes" : "no")} |");

        string documentation = await File.ReadAllTextAsync(FakeLvm.Fixture("../../../docs/sr-plugins.md"));
        Assert.Equal(3, rows.Count());
        Assert.All(rows, row => Assert.Contains(row, documentation, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_and_a_group_that_claim_the_same_sr_are_on_the_page_once()
    {
        Directory.CreateDirectory(Path.Combine(_root, "e1b7d2ac-93f0-4a6c-b1de-52c3f7a9d840"));

        var values = await _page.TakeUntilAsync(
            values => values.ContainsKey("sr 0c9b5a1e-6f4d-4b52-9d35-7b1f2a0e8c11 size")
                && values.GetValueOrDefault("sr e1b7d2ac-93f0-4a6c-b1de-52c3f7a9d840 size") == 100);

        Assert.Equal(5, values.Count);
    }

    [Fact]
    public async Task One_that_hangs_is_unknown_is_not_looked_at_again_and_delays_no_other()
    {
        Directory.CreateDirectory(Path.Combine(_root, Uuid(1)));
        Directory.CreateDirectory(Path.Combine(_root, Uuid(2)));
        await KnownAsync(Uuid(1), Uuid(2));
        _hanging.Add(Uuid(1));
        _time.Advance(Period);
        Assert.True(_page.Take().ContainsKey(Size(1)));

        _time.Advance(TimeSpan.FromSeconds(5));
        for (int i = 0; i < 50; i++)
        {
            await _page.TakeUntilAsync(values => values.ContainsKey(Size(2)) && !values.ContainsKey(Size(1)));
            _time.Advance(Period);
        }
        Assert.Equal(2, _looks.Count(uuid => uuid == Uuid(1)));
        Assert.InRange(_looks.Count(uuid => uuid == Uuid(2)), 50, 53);
        Assert.Equal([$"SR {Uuid(1)}: no answer within 5 s"], ErrorsOf(Uuid(1)));

        // Neither does it help to unplug it and plug it again.
        Directory.Delete(Path.Combine(_root, Uuid(1)));
        _page.Take();
        Directory.CreateDirectory(Path.Combine(_root, Uuid(1)));
        await _page.TakeUntilAsync(values => values.ContainsKey(Size(2)) && !values.ContainsKey(Size(1)));

        _hanging.Clear();
        _serverIsBack.Set();
        await KnownAsync(Uuid(1), Uuid(2));
        Assert.Equal([$"SR {Uuid(1)}: no answer within 5 s", $"SR {Uuid(1)}: complete again"], ErrorsOf(Uuid(1)));
    }

    [Fact]
    public void No_more_than_64_are_looked_at_at_a_time()
    {
        for (int i = 0; i < MountedSrs.MaxLooks + 10; i++)
        {
            Directory.CreateDirectory(Path.Combine(_root, Uuid(i)));
            _hanging.Add(Uuid(i));
        }

        _page.Take();

        Assert.True(SpinWait.SpinUntil(() => _looks.Count == MountedSrs.MaxLooks, TimeSpan.FromSeconds(30)));
        _page.Take();
        Assert.Equal(MountedSrs.MaxLooks, _looks.Count);
    }

    [Fact]
    public async Task One_that_is_gone_is_not_on_the_page()
    {
        Directory.CreateDirectory(Path.Combine(_root, Uuid(1)));
        await KnownAsync(Uuid(1));

        Directory.Delete(Path.Combine(_root, Uuid(1)));

        Assert.False(_page.Take().ContainsKey(Size(1)));
    }

    [Fact]
    public async Task One_that_goes_while_it_is_looked_at_is_not_on_the_page()
    {
        Directory.CreateDirectory(Path.Combine(_root, Uuid(1)));
        await KnownAsync(Uuid(1));
        _hanging.Add(Uuid(1));
        _time.Advance(Period);
        Assert.True(_page.Take().ContainsKey(Size(1)));

        Directory.Delete(Path.Combine(_root, Uuid(1)));

        Assert.False(_page.Take().ContainsKey(Size(1)));
    }

    private static string Uuid(int number) => $"11111111-2222-3333-4444-{number:000000000000}";

    // The test's clock runs ahead of real threads, so that any other SR may be late too.
    private IEnumerable<string> ErrorsOf(string uuid) => _errors.ToString().Split('\n').Where(line => line.Contains(uuid, StringComparison.Ordinal));

    private static string Size(int number) => $"sr {Uuid(number)} size";

    private Task<SortedDictionary<string, double>> KnownAsync(params string[] uuids) =>
        _page.TakeUntilAsync(values => uuids.All(uuid => values.ContainsKey($"sr {uuid} size")));

    /// <summary>The look at one SR, in place of the file systems: a server that is gone cannot be had for a test.</summary>
    private Func<CancellationToken, Answer<SrUse>> Open(string folder) => _ =>
    {
        _looks.Add(Path.GetFileName(folder));
        if (_hanging.Contains(Path.GetFileName(folder)))
        {
            _serverIsBack.Wait(CancellationToken.None);
        }
        return new(new SrUse(100, 40, 1000), null);
    };
}
