using System.Diagnostics;
using CollectorAgent.Native;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Plugins.Tests;

/// <summary>Which pages are read, on a real folder.</summary>
public sealed class PageRegistryTests : IDisposable
{
    private static readonly PeerIdentity Peer = new(4711, 0, 0);

    private readonly PageGrants _grants = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-pages-");
    private readonly List<string> _told = [];
    private readonly List<SafeFileHandle> _files = [];
    private readonly SemaphoreSlim _change = new(0);
    private readonly PageRegistry _registry;
    private bool _accepts = true;

    public PageRegistryTests()
    {
        _registry = new PageRegistry(_folder.FullName, _grants, Add, Remove, TimeProvider.System, NullLogger<PageRegistry>.Instance);
    }

    public void Dispose()
    {
        _files.ForEach(f => f.Dispose());
        _change.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void Scan_finds_pages_and_ignores_what_is_none()
    {
        Write("a");
        Write("b.tmp");
        Write("tap-123-0");
        Write(".hidden");
        Directory.CreateDirectory(PathOf("folder"));
        File.CreateSymbolicLink(PathOf("link"), PathOf("a"));
        using (var mkfifo = Process.Start("mkfifo", PathOf("fifo")))
        {
            mkfifo.WaitForExit();
        }

        _registry.Scan();

        Assert.Equal(["+a"], _told);
    }

    [Fact]
    public void Registering_twice_reads_once_and_remembers_who()
    {
        Write("a");
        _registry.Scan();
        _registry.Register("a", Peer);
        _registry.Register("a", null);

        Assert.Equal(["+a"], _told);
        Assert.Equal(Peer, Assert.Single(_registry.All).Peer);
    }

    [Fact]
    public void Registering_a_page_that_is_not_there_says_so()
    {
        var e = Assert.Throws<PluginProtocolException>(() => _registry.Register("a", Peer));

        Assert.Contains("create it before you register it", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Registering_a_folder_or_a_link_says_so()
    {
        Directory.CreateDirectory(PathOf("folder"));
        File.CreateSymbolicLink(PathOf("link"), "/etc/passwd");

        Assert.Contains("no regular file", Assert.Throws<PluginProtocolException>(() => _registry.Register("folder", Peer)).Message, StringComparison.Ordinal);
        Assert.Contains("no regular file", Assert.Throws<PluginProtocolException>(() => _registry.Register("link", Peer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Replaced_file_is_read_in_place_of_the_old_one()
    {
        Write("a");
        _registry.Scan();
        Write("a.tmp");
        File.Move(PathOf("a.tmp"), PathOf("a"), overwrite: true);
        _registry.Appeared("a");

        Assert.Equal(["+a", "+a"], _told);
    }

    [Fact]
    public void Page_whose_plugin_said_farewell_is_not_found_again_until_it_is_another_file_or_registers()
    {
        Write("a");
        _registry.Register("a", Peer);
        _registry.Deregister("a", Peer);
        _registry.Scan();
        Assert.Equal(["+a", "-a"], _told);

        _registry.Register("a", Peer);
        _registry.Deregister("a", Peer);
        File.Delete(PathOf("a"));
        Write("a");
        _registry.Scan();

        Assert.Equal(["+a", "-a", "+a", "-a", "+a"], _told);
    }

    [Fact]
    public void Vanished_page_is_no_longer_read_but_a_successor_under_its_name_is()
    {
        Write("a");
        _registry.Scan();
        _registry.Vanished("a");
        Assert.Equal(["+a"], _told);

        File.Delete(PathOf("a"));
        _registry.Vanished("a");

        Assert.Equal(["+a", "-a"], _told);
    }

    [Fact]
    public void Registration_is_refused_while_the_sampler_cannot_take_it()
    {
        Write("a");
        _accepts = false;

        var e = Assert.Throws<PluginProtocolException>(() => _registry.Register("a", Peer));

        Assert.Contains("try again", e.Message, StringComparison.Ordinal);
        Assert.Empty(_registry.All);
    }

    [Fact]
    public async Task Watcher_hears_of_pages_as_they_come_and_go_and_makes_the_folder()
    {
        string pages = PathOf("dev/shm/metrics");
        var registry = new PageRegistry(pages, _grants, Add, Remove, TimeProvider.System, NullLogger<PageRegistry>.Instance);
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        using var stop = new CancellationTokenSource();
        var watching = new PageWatcher(pages, registry, time, NullLogger<PageWatcher>.Instance).RunAsync(stop.Token);

        await File.WriteAllTextAsync(Path.Combine(pages, "a"), "x");
        await ChangeAsync();
        await File.WriteAllTextAsync(Path.Combine(pages, "b.tmp"), "x");
        File.Move(Path.Combine(pages, "b.tmp"), Path.Combine(pages, "b"));
        await ChangeAsync();
        File.Delete(Path.Combine(pages, "a"));
        await ChangeAsync();

        await stop.CancelAsync();
        await watching;
        Assert.Equal(["+a", "+b", "-a"], _told);
    }

    [Fact]
    public async Task Watcher_finds_its_folder_again_after_somebody_replaced_it()
    {
        string pages = PathOf("pages");
        var registry = new PageRegistry(pages, _grants, Add, Remove, TimeProvider.System, NullLogger<PageRegistry>.Instance);
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        using var stop = new CancellationTokenSource();
        var watching = new PageWatcher(pages, registry, time, NullLogger<PageWatcher>.Instance).RunAsync(stop.Token);
        Directory.Move(pages, PathOf("old"));

        time.Advance(TimeSpan.FromMinutes(1));
        await FolderAsync(pages);
        await File.WriteAllTextAsync(Path.Combine(pages, "a"), "x");
        await ChangeAsync();

        await stop.CancelAsync();
        await watching;
        Assert.Equal(["+a"], _told);
    }

    [Fact]
    public void Page_of_the_agent_itself_cannot_be_taken()
    {
        Write(PluginUid.OfAgent);
        _registry.Scan();

        Assert.Empty(_told);
        Assert.Contains(
            "the agent's own", Assert.Throws<PluginProtocolException>(() => _registry.Register(PluginUid.OfAgent, Peer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Page_of_a_plugin_that_the_agent_runs_can_be_taken_by_no_other()
    {
        Write("a");
        _grants.Add(Manifest("a"), PosixFile.Status(PathOf("a")).UserId);
        _registry.Scan();
        Assert.Equal(["+a"], _told);

        Assert.Throws<PluginProtocolException>(() => _registry.Register("a", Peer));
        Assert.Throws<PluginProtocolException>(() => _registry.Deregister("a", Peer));

        Assert.Null(Assert.Single(_registry.All).Peer);
    }

    [Fact]
    public void Page_that_is_another_user_s_file_is_not_read()
    {
        Write("a");
        _grants.Add(Manifest("a"), PosixFile.Status(PathOf("a")).UserId + 1);

        _registry.Scan();

        Assert.Empty(_told);
    }

    [Fact]
    public void Changed_manifest_changes_what_may_be_on_a_page()
    {
        Write("a");
        Write("b");
        _registry.Scan();
        var manifest = Manifest("a") with { Permit = PagePermit.Unlimited with { MaxSources = 5 } };
        _grants.Add(manifest, PosixFile.Status(PathOf("a")).UserId);
        _registry.GrantsChanged();

        Assert.Equal(["-a", "+a"], _told[2..]);
        Assert.Equal(5, _registry.All[0].Grant!.Permit.MaxSources);

        _grants.Remove("a");
        _registry.GrantsChanged();
        Assert.Null(_registry.All[0].Grant);
    }

    [Fact]
    public void Page_whose_name_leads_to_no_file_any_more_is_read_no_longer()
    {
        Write("a");
        _registry.Scan();
        File.Delete(PathOf("a"));
        File.CreateSymbolicLink(PathOf("a"), "/etc/hostname");

        // The end of the page is heard of when its name is taken again already.
        _registry.Vanished("a");
        _registry.Appeared("a");

        Assert.Equal(["+a", "-a"], _told);
        Assert.Empty(_registry.All);
    }

    [Fact]
    public void Page_that_was_there_before_its_plugin_is_looked_at_again_whose_file_it_is()
    {
        Write("a");
        _registry.Scan();
        Assert.Equal(["+a"], _told);

        _grants.Add(Manifest("a"), PosixFile.Status(PathOf("a")).UserId + 1);
        _registry.GrantsChanged();

        Assert.Equal(["+a", "-a"], _told);
    }

    [Fact]
    public void Page_that_was_refused_is_read_as_soon_as_the_manifest_allows_it()
    {
        Write("a");
        _grants.Add(Manifest("a"), PosixFile.Status(PathOf("a")).UserId + 1);
        _registry.Scan();
        Assert.Empty(_told);

        _grants.Remove("a");
        _registry.GrantsChanged();

        Assert.Equal(["+a"], _told);
    }

    [RootFact]
    public async Task Page_that_was_refused_is_read_as_soon_as_its_file_has_the_right_owner()
    {
        string pages = Directory.CreateDirectory(PathOf("pages")).FullName;
        string page = Path.Combine(pages, "a");
        await File.WriteAllTextAsync(page, "x");
        ChangeOwner(page, 65534);
        _grants.Add(Manifest("a"), PosixProcess.UserId);
        var registry = new PageRegistry(pages, _grants, Add, Remove, TimeProvider.System, NullLogger<PageRegistry>.Instance);
        using var stop = new CancellationTokenSource();
        var watching = new PageWatcher(pages, registry, new ManualTime(DateTimeOffset.UnixEpoch), NullLogger<PageWatcher>.Instance).RunAsync(stop.Token);
        Assert.Empty(_told);

        ChangeOwner(page, 0);
        await ChangeAsync();

        await stop.CancelAsync();
        await watching;
        Assert.Equal(["+a"], _told);
    }

    [Fact]
    public void Strangers_without_number_leave_room_for_the_agent_s_plugins()
    {
        for (int i = 0; i < PageRegistry.MaxStrangers + 10; i++)
        {
            Write($"a{i}");
        }
        _registry.Scan();
        Assert.Equal(PageRegistry.MaxStrangers, _told.Count);
        Assert.Contains(
            "of plugins that the agent does not run",
            Assert.Throws<PluginProtocolException>(() => Register("one-more")).Message,
            StringComparison.Ordinal);

        Write("z");
        _grants.Add(Manifest("z"), PosixFile.Status(PathOf("z")).UserId);
        _registry.Scan();

        Assert.Equal("+z", _told[^1]);

        void Register(string uid)
        {
            Write(uid);
            _registry.Register(uid, Peer);
        }
    }

    private static PluginManifest Manifest(string name) => new(name, "run", PluginKind.Executable);

    private static void ChangeOwner(string path, int user)
    {
        using var chown = System.Diagnostics.Process.Start("chown", [$"{user}", path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }

    private static async Task FolderAsync(string path)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!Directory.Exists(path))
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    private async Task ChangeAsync() => Assert.True(await _change.WaitAsync(TimeSpan.FromSeconds(10)));

    private bool Add(string uid, SafeFileHandle file, PagePermit permit)
    {
        if (_accepts)
        {
            _told.Add("+" + uid);
            _files.Add(file);
            _change.Release();
        }
        return _accepts;
    }

    private bool Remove(string uid)
    {
        _told.Add("-" + uid);
        _change.Release();
        return true;
    }

    private void Write(string name) => File.WriteAllText(PathOf(name), "x");

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
