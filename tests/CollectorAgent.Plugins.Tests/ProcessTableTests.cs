using System.Diagnostics;
using CollectorAgent.Native;

namespace CollectorAgent.Plugins.Tests;

/// <summary>Real processes in a session of their own.</summary>
public sealed class ProcessTableTests : IDisposable
{
    private readonly string _mark = Guid.NewGuid().ToString("N");
    private readonly Process _process;

    public ProcessTableTests()
    {
        // Two processes; one of them works for a good while and then waits.
        var start = new ProcessStartInfo("setsid", ["sh", "-c", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; sleep 60 & echo ready; wait"])
        {
            RedirectStandardOutput = true,
            Environment = { ["MARK_OF_THIS_TEST"] = _mark + "-of-it" },
        };
        _process = Process.Start(start)!;
        Assert.Equal("ready", _process.StandardOutput.ReadLine());
    }

    public void Dispose()
    {
        PosixProcess.KillGroup(_process.Id);
        _process.WaitForExit();
        _process.Dispose();
    }

    [Fact]
    public void Session_uses_what_its_processes_use()
    {
        var usage = new ProcessTable().Sessions()[_process.Id];

        Assert.Equal(2, usage.Processes);
        Assert.Equal(_process.TotalProcessorTime.TotalSeconds, usage.CpuSeconds, 0.05);
        Assert.True(usage.CpuSeconds > 0, "it has used no processor time");
        // The kernel counts pages by and by: two looks may differ, and a process that has just been forked seems to have none.
        Assert.InRange(usage.ResidentBytes, _process.WorkingSet64 / 2, 10 * _process.WorkingSet64);
    }

    [Fact]
    public void Marked_processes_are_found_with_what_follows_the_mark()
    {
        var marked = new ProcessTable().Marked("MARK_OF_THIS_TEST=" + _mark);

        Assert.Equal(2, marked.Count);
        Assert.Contains((_process.Id, "-of-it"), marked);
    }
}
