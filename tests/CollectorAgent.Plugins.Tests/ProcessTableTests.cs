using System.Globalization;
using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins.Tests;

/// <summary>Real processes, started as the launcher starts plugins.</summary>
public sealed class ProcessTableTests : IDisposable
{
    private readonly RunMark _mark = new();
    private readonly ProcessTable _table;
    private readonly List<ChildProcess> _started = [];
    private readonly List<int> _pids = [];

    public ProcessTableTests() => _table = new ProcessTable(_mark);

    public void Dispose()
    {
        foreach (int pid in _pids)
        {
            PosixProcess.Kill(pid);
        }
        foreach (var process in _started)
        {
            PosixProcess.KillGroup(process.Id);
            process.Dispose();
        }
    }

    [Fact]
    public void Run_uses_what_its_processes_use()
    {
        // Two processes; one of them works for a good while and then waits.
        int run = Start("i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; sleep 60 & echo $!; wait");

        var processes = _table.Look().Where(p => p.Run == run).ToList();

        Assert.Equal(_pids.Append(_started[0].Id).Order(), processes.Select(p => p.Pid).Order());
        using var first = System.Diagnostics.Process.GetProcessById(_started[0].Id);
        double seconds = processes.Sum(p => p.Usage.CpuSeconds);
        Assert.Equal(first.TotalProcessorTime.TotalSeconds, seconds, 0.05);
        Assert.True(seconds > 0, "it has used no processor time");
        // The kernel counts pages by and by: two looks may differ, and a process that has just been forked seems to have none.
        Assert.InRange(processes.Sum(p => p.Usage.ResidentBytes), first.WorkingSet64 / 2, 10 * first.WorkingSet64);
    }

    [Theory]
    [InlineData("sleep 60")]
    [InlineData("setsid sleep 60")]
    [InlineData("env -i sleep 60")]
    [InlineData("env -i setsid sleep 60")]
    [InlineData("env -i setsid sh -c 'exec sleep 60 >/dev/null 2>&1 </dev/null'")]
    public void Descendant_is_of_its_run_whatever_it_leaves(string command)
    {
        int other = Start("echo $$; exec sleep 60");
        // Its parent has ended: it is nobody's child any more.
        int run = Start($"({command} & echo $!) </dev/null; exec sleep 60");

        var processes = _table.Look();

        Assert.Contains(processes, p => p.Pid == _pids[^1] && p.Run == run);
        Assert.Equal([_started[0].Id], processes.Where(p => p.Run == other).Select(p => p.Pid));
        Assert.Equal("p", _mark.Plugin(run));
    }

    [Fact]
    public void Descendant_without_any_mark_is_of_the_run_of_its_parent_or_session()
    {
        int run = Start("prlimit --pid $$ --locks=unlimited:; env -i sleep 60 & echo $!; wait");

        Assert.Contains(_table.Look(), p => p.Pid == _pids[^1] && p.Run == run);
    }

    [Fact]
    public void Process_that_is_known_stays_known()
    {
        int run = Start("sleep 60 & echo $!; wait");
        _table.Look();
        using var prlimit = System.Diagnostics.Process.Start(
            "prlimit", ["--pid", _pids[^1].ToString(CultureInfo.InvariantCulture), "--locks=unlimited:"]);
        prlimit.WaitForExit();

        Assert.Contains(_table.Look(), p => p.Pid == _pids[^1] && p.Run == run);
    }

    [Fact]
    public void Processes_of_another_agent_are_not_among_them()
    {
        Start("sleep 60 & echo $!; wait");

        Assert.Empty(new ProcessTable(new RunMark()).Look());
    }

    [Theory]
    [InlineData("", 0)]
    [InlineData("A=b\0COLLECTOR_AGENT_MARK=", 0)]
    [InlineData("COLLECTOR_AGENT_MARK=TOKEN-", 0)]
    [InlineData("COLLECTOR_AGENT_MARK=TOKEN-x", 0)]
    [InlineData("A=b\0COLLECTOR_AGENT_MARK=TOKEN-12-p\0C=d", 12)]
    public void Run_is_read_from_an_environment(string environment, int run) =>
        Assert.Equal(run, _mark.RunOf(System.Text.Encoding.UTF8.GetBytes(environment.Replace("TOKEN", _mark.Token, StringComparison.Ordinal))));

    /// <param name="script">Prints the id of a process that the test is about.</param>
    private int Start(string script)
    {
        int run = _mark.Begin("p");
        var process = ChildProcess.Start(new ChildStart("/bin/sh", ["-c", script])
        {
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", [PluginEnvironment.Mark] = _mark.Text(run) },
            LeadsSession = true,
            HasOutput = true,
            FileLockLimit = _mark.FileLockLimit(run),
        });
        _started.Add(process);
        var output = new StreamReader(process.Output);
        _pids.Add(int.Parse(output.ReadLine()!, CultureInfo.InvariantCulture));
        return run;
    }
}
