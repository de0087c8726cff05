using System.Diagnostics;
using System.Globalization;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary><c>collectorctl plugin test</c> with plugins as vendors write them, good and bad.</summary>
public sealed class PluginTestTests(PluginTrials trials) : IClassFixture<PluginTrials>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    [Theory]
    [MemberData(nameof(PluginTrials.Names), MemberType = typeof(PluginTrials))]
    public async Task Plugins_are_told_what_is_wrong_with_them(string name)
    {
        var (code, says) = PluginTrials.Expected(name);

        var (found, output) = await trials.ResultAsync(name);

        Assert.True(code == found, $"{found}\n{output}");
        Assert.All(says, s => Assert.Contains(s, output, StringComparison.Ordinal));
        Assert.DoesNotContain("Unhandled", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trials_leave_nothing_behind()
    {
        await trials.AllAsync();

        Assert.Empty(Directory.GetFileSystemEntries(trials.Scratch));
        Assert.Empty(ProcessesBelow(trials.Scratch));
    }

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
        using var deadline = new CancellationTokenSource(Deadline);
        string? line;
        do
        {
            line = await process.StandardError.ReadLineAsync(deadline.Token);
        }
        while (line?.Contains("it runs as process", StringComparison.Ordinal) == false);
        Assert.NotEmpty(ProcessesBelow(scratch.Path));

        int pid = victim == "collectorctl" ? process.Id : ProcessesBelow(scratch.Path).First(p => Text($"/proc/{p}", "comm").Trim() == victim);
        using var kill = Process.Start("kill", ["-" + signal, pid.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(deadline.Token);

        Assert.Equal(code, process.ExitCode);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (signal is "KILL" or "HUP" && (Left(scratch).Length > 0 || ProcessesBelow(scratch.Path).Any()))
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
        Assert.Empty(Left(scratch));
        Assert.Empty(ProcessesBelow(scratch.Path));
        await output;
    }

    [Fact]
    public async Task Another_agent_cannot_be_named()
    {
        using var folder = new TemporaryFolder();
        using var scratch = new TemporaryFolder();

        var (code, output) = await PluginTrials.RunAsync(scratch.Path, PluginTrials.Lines(folder.Path, "good", "echo x 1"), null, "--root", "/nowhere");

        Assert.Equal(2, code);
        Assert.Equal("collectorctl: A plugin is tested under an agent of its own: leave out --root and --url.\n", output);
    }

    private static string[] Left(TemporaryFolder scratch) => Directory.GetFileSystemEntries(scratch.Path);

    /// <summary>Processes whose command line or environment speaks of a folder below this one.</summary>
    private static IEnumerable<int> ProcessesBelow(string path)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out int pid)
                && (Text(process, "cmdline") + Text(process, "environ")).Contains(path + "/", StringComparison.Ordinal))
            {
                yield return pid;
            }
        }
    }

    private static string Text(string process, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
            return "";
        }
    }
}
