using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Plugins.Tests;

/// <summary>Folders that come, change and go, with the events of a real file system under a clock in the test's hand.</summary>
public sealed class PluginSupervisorTests : IAsyncLifetime
{
    private const int Most = 6;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ca-supervisor-");
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly LineLog _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly PageGrants _grants = new();
    private readonly PluginLauncher _launcher;
    private readonly PluginFolders _folders;
    private readonly PluginSupervisor _supervisor;
    private int _changes;
    private Task _running = Task.CompletedTask;

    public PluginSupervisorTests()
    {
        Directory.CreateDirectory(PathOf("product"));
        Directory.CreateDirectory(PathOf("pages/dev/shm/metrics"));
        WriteProgram(PathOf("host"));
        _folders = new PluginFolders([PathOf("product"), PathOf("vendor/etc/plugins.d")], _time, new LineLog<PluginFolders>(_log));
        var paths = new AgentPaths(PathOf("pages"));
        _launcher = new PluginLauncher(paths, PathOf("host"));
        _supervisor = new PluginSupervisor(
            paths, _folders, _launcher, _grants, () => _changes++, Most, _time, new LineLog<PluginSupervisor>(_log));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.WaitAsync(Deadline);
        _folders.Dispose();
        _stop.Dispose();
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task Plugins_are_started_changed_and_removed_with_their_folders()
    {
        Write("product/p", """{ "name": "p", "version": "1", "executable": "run" }""");
        Start();
        await _log.LineAsync("p 1 started");
        Assert.Equal("p", _grants.Find("p")!.Plugin);
        await File.WriteAllTextAsync(PathOf("pages/dev/shm/metrics/p"), "page");

        Write("product/q", """{ "name": "q", "version": "1", "executable": "run" }""");
        await SettleAsync("q 1 started");

        Write("product/p", """{ "name": "p", "version": "2", "executable": "run" }""");
        await SettleAsync("p 2 started");
        Assert.Equal(0, _supervisor.Plugins.Single(p => p.Name == "q").Restarts);

        Directory.Delete(PathOf("product/p"), recursive: true);
        await SettleAsync("is removed: its folder");
        await _log.LineAsync("ended with");
        Assert.Equal(["q"], _supervisor.Plugins.Select(p => p.Name));
        Assert.Null(_grants.Find("p"));
        await GoneAsync(PathOf("pages/dev/shm/metrics/p"));
        Assert.True(_changes >= 4, $"{_changes} changes were told");
    }

    [Fact]
    public async Task Plugins_beyond_the_limit_wait_until_another_has_left_and_it_is_said_why()
    {
        for (int i = 0; i <= Most; i++)
        {
            Write($"product/p{i}", $$"""{ "name": "p{{i}}", "executable": "run" }""");
        }
        Start();
        await _log.LineAsync($"No plugin is started from {PathOf($"product/p{Most}")}: there are {Most} plugins already");
        Assert.Equal(Most, _supervisor.Supervised.Count);

        Directory.Delete(PathOf("product/p0"), recursive: true);
        await SettleAsync($"p{Most}  started");
    }

    [Fact]
    public async Task Changed_program_is_started_anew()
    {
        Write("product/p", """{ "name": "p", "executable": "run" }""");
        Start();
        await _log.LineAsync("started");

        await File.WriteAllTextAsync(PathOf("product/p/new"), "#!/bin/sh\necho new; exec cat\n");
        File.SetUnixFileMode(PathOf("product/p/new"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        File.Move(PathOf("product/p/new"), PathOf("product/p/run"), overwrite: true);

        await SettleAsync("new");
    }

    [Fact]
    public async Task What_a_plugin_writes_into_its_folder_does_not_start_it_anew()
    {
        Write("product/p", """{ "name": "p", "executable": "run" }""");
        Start();
        await _log.LineAsync("started");

        await File.WriteAllTextAsync(PathOf("product/p/state"), "x");
        Write("product/q", """{ "name": "q", "executable": "run" }""");
        await SettleAsync("Plugin q");

        Assert.Equal(0, _supervisor.Plugins.Single(p => p.Name == "p").Restarts);
    }

    [Fact]
    public async Task Changed_assembly_starts_its_plugin_anew()
    {
        Write("product/p", """{ "name": "p", "assembly": "P.dll" }""");
        await File.WriteAllTextAsync(PathOf("product/p/P.dll"), "x");
        await File.WriteAllTextAsync(PathOf("product/p/Dependency.dll"), "x");
        Start();
        await _log.LineAsync("started");

        await File.WriteAllTextAsync(PathOf("product/p/Dependency.dll"), "y, and longer");

        await SettleAsync("started");
    }

    [Fact]
    public async Task Wrong_manifest_is_said_once_stops_nothing_else_and_can_be_mended()
    {
        Write("product/a", """{ "name": "a" }""");
        Write("product/p", """{ "name": "p", "version": "1", "executable": "run" }""");
        Start();

        Assert.Contains("one of 'executable' and 'assembly' is needed", await _log.LineAsync("No plugin is started"), StringComparison.Ordinal);
        await _log.LineAsync("p 1 started");
        var wrong = _supervisor.Plugins.Single(p => p.Name == "a");
        Assert.Equal(PluginRunState.Wrong, wrong.State);
        Assert.Contains("one of 'executable' and 'assembly'", wrong.Reason, StringComparison.Ordinal);

        Write("product/a", """{ "name": "a", "version": "1", "executable": "run" }""");
        await SettleAsync("Plugin a 1 started");
    }

    [Fact]
    public async Task Second_plugin_of_a_name_waits_until_the_first_is_gone()
    {
        Write("product/one", """{ "name": "p", "version": "1", "executable": "run" }""");
        Write("product/two", """{ "name": "p", "version": "2", "executable": "run" }""");
        Start();
        await _log.LineAsync("p 1 started");
        Assert.Contains("another plugin is called p", await _log.LineAsync("No plugin is started"), StringComparison.Ordinal);

        Directory.Delete(PathOf("product/one"), recursive: true);

        await SettleAsync("p 2 started");
    }

    [Fact]
    public async Task First_plugin_of_a_folder_that_was_not_there_is_seen_at_once()
    {
        Start();
        await WaitingAsync();

        Write("vendor/etc/plugins.d/p", """{ "name": "p", "version": "1", "executable": "run" }""");

        await SettleAsync("p 1 started", TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task Folder_that_is_replaced_or_removed_and_made_again_is_seen_at_once()
    {
        Write("product/p", """{ "name": "p", "version": "1", "executable": "run" }""");
        Start();
        await _log.LineAsync("p 1 started");

        Write("new/q", """{ "name": "q", "version": "1", "executable": "run" }""");
        Directory.Move(PathOf("product"), PathOf("old"));
        Directory.Move(PathOf("new"), PathOf("product"));
        await SettleAsync("q 1 started", TimeSpan.FromSeconds(30));

        Directory.Delete(PathOf("product"), recursive: true);
        await SettleAsync("is removed: its folder", TimeSpan.FromSeconds(30));
        Write("product/r", """{ "name": "r", "version": "1", "executable": "run" }""");
        await SettleAsync("r 1 started", TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task No_plugin_is_started_before_the_orphan_guard_runs()
    {
        Write("product/p", """{ "name": "p", "version": "1", "executable": "run" }""");
        using var stop = new CancellationTokenSource();
        var guard = new OrphanGuard(_launcher, _time, new LineLog<OrphanGuard>(_log));
        Start();
        await WaitingAsync();
        Assert.Empty(_supervisor.Plugins);

        var guarding = guard.RunAsync(stop.Token);

        await _log.LineAsync("p 1 started");
        await stop.CancelAsync();
        await guarding.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Plugins_run_without_an_orphan_guard_where_there_comes_none()
    {
        Write("product/p", """{ "name": "p", "version": "1", "executable": "run" }""");
        _ = new OrphanGuard(_launcher, _time, new LineLog<OrphanGuard>(_log));
        Start();
        await WaitingAsync();

        _time.Advance(TimeSpan.FromSeconds(10));

        await _log.LineAsync("p 1 started");
    }

    [Theory]
    [InlineData("mkfifo plugin.json")]
    [InlineData("mkdir plugin.json")]
    [InlineData("ln -s /dev/zero plugin.json")]
    [InlineData("ln -s plugin.json plugin.json")]
    [InlineData("printf '{ \"name\": \"\\377\" }' >plugin.json")]
    [InlineData("printf '{ \"name\": \"\\\\ud800\" }' >plugin.json")]
    [InlineData("truncate -s 10G plugin.json")]
    public async Task Whatever_lies_in_a_folder_is_the_affair_of_that_plugin_alone(string command)
    {
        Directory.CreateDirectory(PathOf("product/a"));
        using (var shell = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = PathOf("product/a") })!)
        {
            await shell.WaitForExitAsync();
        }
        Write("product/p", """{ "name": "p", "version": "1", "executable": "run" }""");

        Start();

        Assert.Contains("product/a", await _log.LineAsync("No plugin is started"), StringComparison.Ordinal);
        await _log.LineAsync("p 1 started");
        Assert.Equal(PluginRunState.Wrong, _supervisor.Plugins.Single(p => p.Name == "a").State);
        Directory.Delete(PathOf("product/a"), recursive: true);
        Write("product/a", """{ "name": "a", "version": "1", "executable": "run" }""");
        await SettleAsync("Plugin a 1 started");
    }

    [Fact]
    public async Task Plugin_is_started_anew_when_somebody_asks()
    {
        Write("product/p", """{ "name": "p", "version": "1", "executable": "run" }""");
        Start();
        await _log.LineAsync("p 1 started");

        _supervisor.Restart("p");

        await _log.LineAsync("p 1 started");
        Assert.Contains(
            "there is no plugin called q", Assert.Throws<PluginProtocolException>(() => _supervisor.Restart("q")).Message, StringComparison.Ordinal);
    }

    private void Start() => _running = _supervisor.RunAsync(_stop.Token);

    /// <summary>Lets changes settle until the log says something.</summary>
    /// <param name="within">Of the time in the test's hand; without end where it does not matter.</param>
    private async Task SettleAsync(string text, TimeSpan? within = null)
    {
        var line = _log.LineAsync(text);
        var begun = _time.GetUtcNow();
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!line.IsCompleted && await timer.WaitForNextTickAsync(deadline.Token))
        {
            // What waits for the minute to be over shall not get there.
            if (within is null || _time.GetUtcNow() - begun < within)
            {
                _time.Advance(PluginFolders.Settling);
            }
        }
        await line;
    }

    private async Task WaitingAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (_time.PendingTimers == 0)
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    private static async Task GoneAsync(string path)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (File.Exists(path))
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    /// <summary>Puts a plugin there, each file at once: the clock of these tests runs ahead of what settles.</summary>
    private void Write(string folder, string manifest)
    {
        string parts = Directory.CreateDirectory(PathOf("parts")).FullName;
        string program = Path.Combine(parts, "run");
        WriteProgram(program);
        File.WriteAllText(Path.Combine(parts, "plugin.json"), manifest);
        if (!Directory.Exists(PathOf(folder)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(folder))!);
            Directory.Move(parts, PathOf(folder));
            return;
        }
        File.Move(program, PathOf(folder + "/run"), overwrite: true);
        File.Move(Path.Combine(parts, "plugin.json"), PathOf(folder + "/plugin.json"), overwrite: true);
    }

    private static void WriteProgram(string path)
    {
        File.WriteAllText(path, "#!/bin/sh\nexec cat\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string PathOf(string name) => Path.Combine(_root.FullName, name);
}
