using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Plugins as vendors write them, good and bad, each tried by <c>collectorctl plugin test</c>, a few at a time.</summary>
public sealed class PluginTrials : IDisposable
{
    private const string Nothing = "Nothing wrong found.";
    private const int MostAtOnce = 4;

    private static readonly Dictionary<string, Trial> All = new()
    {
        ["good"] = new(0, [Nothing, "spool_files  host   gauge  files  12 files"], f =>
        {
            string plugin = Lines(f, "good", "echo spool_files $(cat count) files");
            File.WriteAllText(Path.Combine(plugin, "count"), "12\n");
            return plugin;
        }),
        ["host"] = new(0, [Nothing, "cpu_avg"], _ => Path.Combine(
            Path.GetDirectoryName(AgentProcess.Program("CollectorAgent", "collector-agent"))!, "plugins.d", "host")),
        ["crash"] = new(6, ["It does not stay: it ended with exit code 3: no such array."], f => Page(f, "crash", "echo no such array >&2; exit 3")),
        ["gone"] = new(6, ["It said with exit code 69 that there is nothing to measure here"], f => Page(f, "gone", "exit 69")),
        ["lines-gone"] = new(6, ["It said with exit code 69 that there is nothing to measure here"], f => Lines(f, "lines-gone", "exit 69")),
        ["slow"] = new(0, [Nothing, "\na  ", "\nb  "], f => Lines(f, "slow", "echo a 1; sleep 23; echo b 2")),
        ["broken"] = new(
            6, ["It said with exit code 78: it cannot be run as it is: no licence."], f => Page(f, "broken", "echo no licence; exit 78")),
        ["manifest"] = new(6, ["plugin.json: line 1: 'ouput' is not known here; did you mean 'output'? docs/formats"], f => Write(
            f, "manifest", "exit 0", """{ "name": "manifest", "executable": "run", "ouput": "lines" }""")),
        ["odd"] = new(
            6,
            [
                "The page odd has something that is left out: host: more: the plugin's manifest does not permit it.",
                "The plugin host says: run, line 3, 'what is this': behind the name there is no number",
            ],
            f => Write(
                f, "odd", "echo ok 1; echo more 1; echo what is this", """{ "name": "odd", "executable": "run", "output": "lines", "data_sources": ["ok"] }""")),
        ["empty"] = new(6, ["The page empty has no data sources."], f => Lines(f, "empty", "exit 0")),
        ["hangs"] = new(
            6, ["There was no sample within 6 s, though its process runs.", "dev/shm/metrics/hangs"], f => Page(f, "hangs", "trap '' TERM; sleep 1000"), Seconds: 6),
        ["strange"] = new(
            6,
            ["The page strange: InvalidHeader", "It publishes the page good, which its manifest does not have under 'pages'"],
            f => Page(f, "strange", $"printf 'no page' >$COLLECTOR_AGENT_ROOT/dev/shm/metrics/strange; {Hostile("good")}")),
        ["blocks"] = new(0, [Nothing, "fan1", "psu1"], f => Lines(f, "blocks", "echo fan1 2400 rpm; echo; echo psu1 230 V")),
        ["marks"] = new(0, [Nothing, "\nspool_files "], f =>
        {
            string plugin = Lines(f, "marks", "printf '\\357\\273\\277spool_files 12 files\\r\\n'");
            string manifest = Path.Combine(plugin, "plugin.json");
            File.WriteAllText(manifest, "\ufeff" + File.ReadAllText(manifest));
            return plugin;
        }),
        ["signals"] = new(0, [Nothing, "ignored  host   gauge              0"], f => Lines(
            f, "signals", "echo ignored $((0x$(awk '/^SigIgn/ {print $2}' /proc/self/status)))")),
        ["fifo"] = new(6, ["plugin.json: it is a FIFO, a socket or a device; put a file there"], f => Strange(f, "fifo", "rm plugin.json; mkfifo plugin.json")),
        ["folder"] = new(6, ["plugin.json: it is a folder; put a file there"], f => Strange(f, "folder", "rm plugin.json; mkdir plugin.json")),
        ["link"] = new(6, ["plugin.json: it is a link; put the file itself there"], f => Strange(f, "link", "mv plugin.json elsewhere; ln -s elsewhere plugin.json")),
        ["latin1"] = new(6, ["plugin.json: it is not text in UTF-8; save it as such."], f => Strange(f, "latin1", "printf '{ \"name\": \"\\344\" }' >plugin.json")),
        ["surrogate"] = new(6, ["plugin.json: line 1: 'name' has half of a character"], f => Strange(f, "surrogate", "printf '{ \"name\": \"\\\\ud800\" }' >plugin.json")),
        ["shebang"] = new(6, ["run names /usr/bin/pyhton3 in its first line, which is not on this host"], f => Strange(
            f, "shebang", "chmod +w run; printf '#!/usr/bin/pyhton3\\n' >run")),
        ["writable"] = new(6, ["helper can be written by others than its owner"], f => Strange(f, "writable", "touch helper; chmod 666 helper")),
        [".dot"] = new(6, ["begins with a dot"], f => Lines(f, ".dot", "echo x 1")),
        ["nowhere"] = new(3, ["A plugin is a folder with that file"], f => Path.Combine(f, "nowhere")),
        ["file"] = new(3, ["A plugin is a folder with that file"], f =>
        {
            string file = Path.Combine(f, "file");
            File.WriteAllText(file, "");
            return file;
        }),
    };

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _scratch = new();
    private readonly SemaphoreSlim _turns = new(MostAtOnce);
    private readonly Dictionary<string, Task<(int, string)>> _results;

    public PluginTrials() => _results = All.ToDictionary(t => t.Key, t => TryAsync(t.Value));

    public static TheoryData<string> Names => [.. All.Keys];

    /// <summary>Where the trials have their roots.</summary>
    internal string Scratch => _scratch.Path;

    public static (int Code, IReadOnlyList<string> Says) Expected(string name) => (All[name].Code, All[name].Says);

    public Task<(int Code, string Output)> ResultAsync(string name) => _results[name];

    public Task AllAsync() => Task.WhenAll(_results.Values);

    public void Dispose()
    {
        _folder.Dispose();
        _scratch.Dispose();
        _turns.Dispose();
    }

    internal static string Lines(string folder, string name, string script) =>
        Write(folder, name, script, $$"""{ "name": "{{name.TrimStart('.')}}", "executable": "run", "output": "lines" }""");

    internal static string Page(string folder, string name, string script) =>
        Write(folder, name, script, $$"""{ "name": "{{name}}", "executable": "run" }""");

    internal static async Task<(int Code, string Output)> RunAsync(string scratch, string plugin, int? seconds, params string[] more)
    {
        using var process = Start(scratch, plugin, seconds, more);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
        return (process.ExitCode, await output + await errors);
    }

    internal static Process Start(string scratch, string plugin, int? seconds, params string[] more)
    {
        string[] watch = seconds is { } number ? ["--seconds", number.ToString(CultureInfo.InvariantCulture)] : [];
        // Whoever runs these tests in the background has them ignore SIGINT.
        string[] command = ["--default-signal=INT,QUIT", AgentProcess.Program("CollectorAgent.Cli", "collectorctl"), "plugin", "test", plugin];
        var start = new ProcessStartInfo("env", [.. command, .. watch, .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["TMPDIR"] = scratch;
        return Process.Start(start)!;
    }

    private async Task<(int, string)> TryAsync(Trial trial)
    {
        await _turns.WaitAsync();
        try
        {
            return await RunAsync(_scratch.Path, trial.Make(_folder.Path), trial.Seconds);
        }
        finally
        {
            _turns.Release();
        }
    }

    /// <summary>A good plugin of which a command makes a bad one.</summary>
    private static string Strange(string folder, string name, string command)
    {
        string plugin = Lines(folder, name, "echo x 1");
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = plugin })!;
        shell.WaitForExit();
        return plugin;
    }

    private static string Write(string folder, string name, string script, string manifest)
    {
        string path = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        string program = Path.Combine(path, "run");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(path, "plugin.json"), manifest);
        return path;
    }

    private static string Hostile(string what, [CallerFilePath] string thisFile = "") =>
        $"exec python3 {Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "fixtures", "hostile_plugin.py"))} {what}";

    /// <param name="Make">Puts the plugin into a folder, and says where.</param>
    private sealed record Trial(int Code, string[] Says, Func<string, string> Make, int? Seconds = null);
}
