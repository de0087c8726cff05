using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary><c>collectorctl plugin test</c> with plugins as vendors write them, good and bad.</summary>
public sealed class PluginTestTests
{
    private const string Nothing = "Nothing wrong found.";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Plugins_are_told_what_is_wrong_with_them()
    {
        using var folder = new TemporaryFolder();
        using var scratch = new TemporaryFolder();
        string host = Path.Combine(Path.GetDirectoryName(AgentProcess.Program("CollectorAgent", "collector-agent"))!, "plugins.d", "host");
        string lines = Lines(folder, "good", "echo spool_files $(cat count) files");
        await File.WriteAllTextAsync(Path.Combine(lines, "count"), "12\n");
        string dot = Lines(folder, ".dot", "echo x 1");
        (string Folder, int Code, string[] Says)[] trials =
        [
            (lines, 0, [Nothing, "spool_files  host   gauge  files  12 files"]),
            (host, 0, [Nothing, "cpu_avg"]),
            (Page(folder, "crash", "echo no such array >&2; exit 3"), 6, ["It does not stay: it ended with exit code 3. It printed at last: no such array"]),
            (Page(folder, "gone", "exit 69"), 6, ["It said with exit code 69 that there is nothing to measure here"]),
            (Page(folder, "broken", "echo no licence; exit 78"), 6, ["It cannot be run as it is, it said with exit code 78. It printed at last: no licence"]),
            (Write(folder, "manifest", "exit 0", """{ "name": "manifest", "executable": "run", "ouput": "lines" }"""), 6, ["plugin.json: line 1: 'ouput' is not known here; did you mean 'output'?"]),
            (Write(folder, "odd", "echo ok 1; echo more 1; echo what is this", """{ "name": "odd", "executable": "run", "output": "lines", "data_sources": ["ok"] }"""), 6,
            [
                "The page odd has something that is left out: host: more: the plugin's manifest does not permit it.",
                "The plugin host says: run, line 3, 'what is this': behind the name there is no number",
            ]),
            (Lines(folder, "empty", "exit 0"), 6, ["The page empty has no data sources."]),
            (Page(folder, "hangs", "trap '' TERM; sleep 1000"), 6, ["There was no sample within 6 s, though its process runs.", "dev/shm/metrics/hangs"]),
            (Page(folder, "strange", $"printf 'no page' >$COLLECTOR_AGENT_ROOT/dev/shm/metrics/strange; {Hostile("good")}"), 6,
                ["The page strange: InvalidHeader", "It publishes the page good, which its manifest does not have under 'pages'"]),
            (dot, 6, ["begins with a dot"]),
            (Path.Combine(folder.Path, "nowhere"), 3, ["A plugin is a folder with that file"]),
        ];

        var results = await Task.WhenAll(trials.Select(t => RunAsync(scratch, t.Folder, Path.GetFileName(t.Folder) is "hangs" or "strange" ? 6 : null)));

        foreach (var ((plugin, code, says), (found, output)) in trials.Zip(results))
        {
            Assert.True(code == found, $"{plugin}: {found}\n{output}");
            Assert.All(says, s => Assert.Contains(s, output, StringComparison.Ordinal));
        }
        Assert.Empty(Roots(scratch));
        Assert.Empty(ProcessesBelow(scratch.Path));
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("KILL", 137)]
    public async Task Trial_that_is_cut_off_leaves_no_process_and_no_folder(string signal, int code)
    {
        using var folder = new TemporaryFolder();
        using var scratch = new TemporaryFolder();
        using var process = Start(scratch, Page(folder, "stays", "exec sleep 1000"), 60);
        var output = process.StandardOutput.ReadToEndAsync();
        using var deadline = new CancellationTokenSource(Deadline);
        string? line;
        do
        {
            line = await process.StandardError.ReadLineAsync(deadline.Token);
        }
        while (line?.Contains("it runs as process", StringComparison.Ordinal) == false);
        Assert.NotEmpty(ProcessesBelow(scratch.Path));

        using var kill = Process.Start("kill", ["-" + signal, process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(deadline.Token);

        Assert.Equal(code, process.ExitCode);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (signal == "KILL" && (Roots(scratch).Length > 0 || ProcessesBelow(scratch.Path).Any()))
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
        Assert.Empty(Roots(scratch));
        Assert.Empty(ProcessesBelow(scratch.Path));
        await output;
    }

    [Fact]
    public async Task Another_agent_cannot_be_named()
    {
        using var folder = new TemporaryFolder();
        using var scratch = new TemporaryFolder();

        var (code, output) = await RunAsync(scratch, Lines(folder, "good", "echo x 1"), null, "--root", "/nowhere");

        Assert.Equal(2, code);
        Assert.Equal("collectorctl: A plugin is tested under an agent of its own: leave out --root and --url.\n", output);
    }

    private static string Lines(TemporaryFolder folder, string name, string script) =>
        Write(folder, name, script, $$"""{ "name": "{{name.TrimStart('.')}}", "executable": "run", "output": "lines" }""");

    private static string Page(TemporaryFolder folder, string name, string script) =>
        Write(folder, name, script, $$"""{ "name": "{{name}}", "executable": "run" }""");

    private static string Write(TemporaryFolder folder, string name, string script, string manifest)
    {
        string path = Directory.CreateDirectory(Path.Combine(folder.Path, name)).FullName;
        string program = Path.Combine(path, "run");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(path, "plugin.json"), manifest);
        return path;
    }

    private static string Hostile(string what, [CallerFilePath] string thisFile = "") =>
        $"exec python3 {Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "fixtures", "hostile_plugin.py"))} {what}";

    private static async Task<(int Code, string Output)> RunAsync(TemporaryFolder scratch, string plugin, int? seconds, params string[] more)
    {
        using var process = Start(scratch, plugin, seconds, more);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Deadline);
        return (process.ExitCode, await output + await errors);
    }

    private static Process Start(TemporaryFolder scratch, string plugin, int? seconds, params string[] more)
    {
        string[] watch = seconds is { } number ? ["--seconds", number.ToString(CultureInfo.InvariantCulture)] : [];
        var start = new ProcessStartInfo(AgentProcess.Program("CollectorAgent.Cli", "collectorctl"), ["plugin", "test", plugin, .. watch, .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = scratch.Path;
        return Process.Start(start)!;
    }

    private static string[] Roots(TemporaryFolder scratch) => Directory.GetDirectories(scratch.Path);

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
