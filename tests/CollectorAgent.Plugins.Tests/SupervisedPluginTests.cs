using CollectorAgent.Native;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Plugins.Tests;

/// <summary>Real processes under a clock in the test's hand.</summary>
public sealed class SupervisedPluginTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-process-");
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly LineLog _log = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly PageGrants _grants = new();
    private SupervisedPlugin? _plugin;

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Plugin_that_ends_is_started_again_later_each_time_and_given_up_in_the_end()
    {
        var running = Run("exit 3");

        foreach (double delay in new[] { 0.3, 0.5, 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            Assert.Equal(FormattableString.Invariant($"it ended with exit code 3; it starts again in {delay:0.0} s"), await _log.LineAsync("again in"));
            Assert.Equal((PluginRunState.Waiting, "it ended with exit code 3"), (_plugin!.Report().State, _plugin.Report().Reason));
            await AdvanceAsync(TimeSpan.FromSeconds(delay + 0.1));
        }
        Assert.Contains("is given up: more than 10 ends in 10 minutes", await _log.LineAsync("given up"), StringComparison.Ordinal);
        Assert.Equal((PluginRunState.GivenUp, 10), (_plugin!.Report().State, _plugin.Report().Restarts));

        _plugin.Restart();
        Assert.Contains("again in 0.3 s", await _log.LineAsync("again in"), StringComparison.Ordinal);
        await EndAsync(running);
    }

    [Fact]
    public async Task What_a_plugin_says_on_standard_error_is_its_reason_while_it_runs_and_when_it_has_ended()
    {
        var running = Run("echo output; echo no such array >&2; read _; exit 3");
        await _log.LineAsync("no such array");
        Assert.Equal((PluginRunState.Running, "no such array"), (_plugin!.Report().State, _plugin.Report().Reason));

        PosixProcess.Kill(_plugin.Report().Pid);

        await _log.LineAsync("again in");
        Assert.Equal("it ended with exit code 137: no such array", _plugin.Report().Reason);
        await EndAsync(running);
    }

    [Fact]
    public async Task Plugin_is_asked_to_end_and_may_say_farewell()
    {
        var running = Run("trap 'echo farewell; exit 0' TERM; echo ready; while :; do sleep 0.1; done");
        await _log.LineAsync("ready");

        await _stop.CancelAsync();

        Assert.Equal("farewell", await _log.LineAsync("farewell"));
        Assert.Equal("ended with exit code 0", await _log.LineAsync("ended"));
        await running.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Plugin_that_does_not_end_is_killed_with_its_children()
    {
        var running = Run("trap '' TERM; (trap '' TERM; while :; do sleep 0.1; done) & echo child $!; wait; while :; do sleep 0.1; done");
        string child = (await _log.LineAsync("child"))["child ".Length..];

        await _stop.CancelAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.Contains("was killed", await _log.LineAsync("killed"), StringComparison.Ordinal);
        await running.WaitAsync(Deadline);
        await EndedAsync(child);
    }

    [Fact]
    public async Task Children_of_a_plugin_that_ends_by_itself_end_with_it()
    {
        var running = Run("sleep 300 & echo child $!");
        string child = (await _log.LineAsync("child"))["child ".Length..];

        await _log.LineAsync("again in");

        await EndedAsync(child);
        await EndAsync(running);
    }

    [Fact]
    public async Task Flood_on_standard_error_holds_nobody_up()
    {
        var running = Run("i=0; while [ $i -lt 5000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done; echo done; cat");

        Assert.Equal("done", await _log.LineAsync("done"));
        await EndAsync(running);
    }

    [Fact]
    public async Task Plugin_is_told_its_root_and_its_lifeline_and_leads_a_session()
    {
        var running = Run("echo $COLLECTOR_AGENT_ROOT $COLLECTOR_AGENT_LIFELINE $PWD $1 $$; cat; echo closed");

        string[] words = (await _log.LineAsync("root")).Split(' ');
        Assert.Equal(["/some/root", "stdin", _folder.FullName, "argument"], words[..4]);
        int pid = int.Parse(words[4], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal((pid, pid, pid), (_plugin!.Session, _plugin.Report().Pid, PosixProcess.SessionOf(pid)));
        await EndAsync(running);
        Assert.Equal(0, _plugin.Session);
    }

    [Fact]
    public async Task Plugin_has_default_signals_and_the_environment_of_its_user_not_that_of_the_agent()
    {
        Environment.SetEnvironmentVariable("SECRET_OF_THE_AGENT", "1");
        var running = Run("grep -E 'Sig(Ign|Blk)' /proc/self/status; echo have $(env | grep -E '^(HOME|USER|SECRET)' | sort); cat");
        var user = PosixUser.Find(PosixProcess.UserId)!.Value;

        Assert.Equal("SigBlk:\t0000000000000000", await _log.LineAsync("SigBlk"));
        Assert.Equal("SigIgn:\t0000000000000000", await _log.LineAsync("SigIgn"));
        Assert.Equal($"have HOME={user.Home} USER={user.Name}", await _log.LineAsync("have "));
        await EndAsync(running);
    }

    [RootFact]
    public async Task Plugin_of_another_user_has_the_home_of_that_user()
    {
        var running = Run("echo at $HOME $USER $LOGNAME; cat", m => m with { User = "nobody" });

        Assert.Equal($"at {PosixUser.Find("nobody")!.Value.Home} nobody nobody", await _log.LineAsync("at "));
        await EndAsync(running);
    }

    [Fact]
    public async Task Program_that_cannot_be_started_is_said_and_tried_again()
    {
        await File.WriteAllTextAsync(PathOf("run"), "#!/no/such/interpreter\n");
        var running = Run(null);

        Assert.Contains("No such file or directory; it starts again in", await _log.LineAsync("again"), StringComparison.Ordinal);
        await EndAsync(running);
    }

    [Fact]
    public async Task Plugin_with_nothing_to_measure_looks_again_later_and_nothing_is_held_against_it()
    {
        var running = Run("exit 69");

        for (int i = 0; i < 2 * BackOff.MostEnds; i++)
        {
            Assert.Contains("looks again in 10 minutes", await _log.LineAsync("looks again"), StringComparison.Ordinal);
            await AdvanceAsync(TimeSpan.FromMinutes(10));
        }
        await EndAsync(running);
    }

    [Fact]
    public async Task Plugin_that_cannot_be_run_as_it_is_is_given_up_at_once()
    {
        var running = Run("echo the reason; exit 78");

        await _log.LineAsync("the reason");
        await _log.LineAsync("cannot be run as it is");
        Assert.Equal(PluginRunState.GivenUp, _plugin!.Report().State);
        _plugin.Restart();
        await _log.LineAsync("the reason");
        await EndAsync(running);
    }

    [Theory]
    [InlineData(PluginRestart.Never, 1)]
    [InlineData(PluginRestart.Never, 0)]
    [InlineData(PluginRestart.OnFailure, 0)]
    public async Task Plugin_stays_ended_where_its_manifest_says_so_until_somebody_asks(PluginRestart restart, int exitCode)
    {
        var running = Run($"echo started; exit {exitCode}", m => m with { Restart = restart });

        await _log.LineAsync("stays ended");
        string words = exitCode == 0 ? "" : ": started";
        Assert.Equal((PluginRunState.Ended, $"it ended with exit code {exitCode}{words}"), (_plugin!.Report().State, _plugin.Report().Reason));
        _plugin.Restart();
        await _log.LineAsync("started");
        await _log.LineAsync("stays ended");
        await EndAsync(running);
    }

    [Fact]
    public async Task Plugin_over_its_processor_limit_three_ticks_in_a_row_is_started_anew()
    {
        var running = Run("echo ready; cat", m => m with { Limits = new PluginLimits(CpuSecondsPerTick: 1) });
        await _log.LineAsync("ready");

        foreach (double total in new[] { 2.0, 4, 4.5, 6, 8 })
        {
            _plugin!.Note(new RunUsage(1, total, 1000), TimeSpan.FromSeconds(5));
        }
        Assert.Equal((2.0, 1000), (_plugin!.Report().CpuSecondsPerTick, _plugin.Report().ResidentBytes));
        _plugin.Note(new RunUsage(1, 11, 1000), TimeSpan.FromSeconds(5));

        Assert.Equal(
            "it used 3.00 s of processor time a tick, 3 ticks in a row; its limit is 1; it starts again in 0.3 s", await _log.LineAsync("again in"));
        await EndAsync(running);
    }

    [Fact]
    public async Task Plugin_over_its_memory_limit_is_started_anew_at_once()
    {
        var running = Run("echo ready; cat", m => m with { Limits = new PluginLimits(MemoryBytes: 1000) });
        await _log.LineAsync("ready");

        _plugin!.Note(new RunUsage(1, 0, 1000), TimeSpan.FromSeconds(5));
        _plugin.Note(new RunUsage(1, 0, 1001), TimeSpan.FromSeconds(5));

        Assert.Contains("it had 1001 bytes in memory; its limit is 1000", await _log.LineAsync("again in"), StringComparison.Ordinal);
        await EndAsync(running);
    }

    [Fact]
    public async Task Plugin_that_does_not_run_uses_nothing()
    {
        var running = Run("exit 69");
        await _log.LineAsync("looks again");

        _plugin!.Note(new RunUsage(100, 1e6, long.MaxValue), TimeSpan.FromSeconds(5));

        Assert.Equal((PluginRunState.Unavailable, 0, 0L), (_plugin.Report().State, _plugin.Report().Processes, _plugin.Report().ResidentBytes));
        await EndAsync(running);
    }

    [Fact]
    public async Task Plugin_of_a_user_that_does_not_exist_is_said()
    {
        var running = Run("echo ready", m => m with { User = "no-such-user" });

        Assert.Contains("'user': there is no user no-such-user on this host; it starts", await _log.LineAsync("again in"), StringComparison.Ordinal);
        await EndAsync(running);
    }

    [RootFact]
    public async Task Plugin_runs_as_its_user_without_other_rights()
    {
        var running = Run("grep -E 'Uid|Groups|CapBnd|NoNewPrivs' /proc/self/status; echo done; cat", m => m with { User = "nobody" });
        uint nobody = PosixUser.Find("nobody")!.Value.UserId;

        Assert.Equal($"Uid:\t{nobody}\t{nobody}\t{nobody}\t{nobody}", await _log.LineAsync("Uid"));
        Assert.Equal($"Groups:\t{PosixUser.FindGroup(AgentGroup.Name)}", (await _log.LineAsync("Groups")).TrimEnd());
        Assert.Equal("CapBnd:\t0000000000000000", await _log.LineAsync("CapBnd"));
        Assert.Equal("NoNewPrivs:\t1", await _log.LineAsync("NoNewPrivs"));
        await EndAsync(running);
    }

    /// <param name="script">Null: what lies there already.</param>
    private Task Run(string? script, Func<PluginManifest, PluginManifest>? change = null)
    {
        string path = PathOf("run");
        if (script is not null)
        {
            File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        }
        const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(path, All);
        File.SetUnixFileMode(_folder.FullName, All | UnixFileMode.UserWrite);
        var manifest = new PluginManifest("p", "run", PluginKind.Executable) { Version = "1", Arguments = ["argument"] };
        _plugin = new SupervisedPlugin(
            new PluginFolder(_folder.FullName, change?.Invoke(manifest) ?? manifest, path),
            new PluginLauncher(new AgentPaths("/some/root"), "/no/host"),
            _grants,
            _time,
            new MiddleRandom(),
            _log);
        return _plugin.RunAsync(_stop.Token);
    }

    private async Task EndAsync(Task running)
    {
        await _stop.CancelAsync();
        await running.WaitAsync(Deadline);
    }

    /// <summary>Waits until a process is gone, or a zombie that nobody has waited for.</summary>
    private static async Task EndedAsync(string pid)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (File.Exists($"/proc/{pid}/stat") && !(await ReadAsync()).Contains(") Z", StringComparison.Ordinal))
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }

        async Task<string> ReadAsync()
        {
            try
            {
                return await File.ReadAllTextAsync($"/proc/{pid}/stat");
            }
            catch (IOException)
            {
                return ") Z";
            }
        }
    }

    /// <summary>Lets time pass once the code under test waits for it.</summary>
    private async Task AdvanceAsync(TimeSpan span)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (_time.PendingTimers == 0)
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
        _time.Advance(span);
    }

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);
}
