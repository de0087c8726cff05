using System.Diagnostics;
using System.Globalization;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary><c>collectorctl plugin test</c> that is ended before it is done.</summary>
public sealed class PluginTestCutOffTests
{
    [Theory]
    [InlineData("INT", "collectorctl", 130)]
    [InlineData("TERM", "collectorctl", 130)]
    [InlineData("HUP", "collectorctl", 129)]
    [InlineData("KILL", "collectorctl", 137)]
    [InlineData("KILL", "collector-agent", 1)]
    public async Task Trial_that_is_cut_off_leaves_no_process_and_no_folder(string signal, string victim, int code)
    {
        using var folder = new TemporaryFolder();
        using var scratch = new TemporaryFolder();
        // It writes below its root for as long as it lives, and hears of no end.
        string script = "trap '' TERM; while :; do mkdir -p $COLLECTOR_AGENT_ROOT/dev/shm/metrics/x; sleep 0.05; done";
        using var process = PluginTrials.Start(scratch.Path, PluginTrials.Page(folder.Path, "stays", script), 60);
        var output = process.StandardOutput.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(AgentProcess.Deadline);
        string? line;
        do
        {
            line = await process.StandardError.ReadLineAsync(deadline.Token);
        }
        while (line?.Contains("it runs as process", StringComparison.Ordinal) == false);
        Assert.NotEmpty(ProcessesBelow.Of(scratch.Path));

        int pid = victim == "collectorctl" ? process.Id : ProcessesBelow.Of(scratch.Path).First(p => ProcessesBelow.Text($"/proc/{p}", "comm").Trim() == victim);
        using var kill = Process.Start("kill", ["-" + signal, pid.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(deadline.Token);

        Assert.Equal(code, process.ExitCode);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (signal is "KILL" or "HUP" && (Left(scratch).Length > 0 || ProcessesBelow.Of(scratch.Path).Any()))
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
        Assert.Empty(Left(scratch));
        Assert.Empty(ProcessesBelow.Of(scratch.Path));
        await output;
    }

    private static string[] Left(TemporaryFolder scratch) => Directory.GetFileSystemEntries(scratch.Path);
}
