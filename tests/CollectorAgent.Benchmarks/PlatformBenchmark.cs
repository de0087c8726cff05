using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using CollectorAgent.Plugins;
using CollectorAgent.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Benchmarks;

/// <summary>What plugins of every kind cost and lose, with real processes.</summary>
internal static class PlatformBenchmark
{
    private const int Runs = 5;
    private const int Kills = 20;
    private const int IdlePlugins = 200;
    private const int Measurements = 200;
    private const int StepSeconds = 5;

    // What is killed starts within a second; two steps later the row of the kill is written.
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(4 * StepSeconds);
    private static readonly TimeSpan KillingTime = TimeSpan.FromSeconds(60);

    public static IEnumerable<Row> Run(Race race)
    {
        if (RealAgent.IsMissing)
        {
            throw new InvalidOperationException("the agent is not built: dotnet build -c Release agent/CollectorAgent");
        }
        return [.. Starts(race), .. KillsOfPlugins(), .. Measuring(race)];
    }

    private static IEnumerable<Row> Starts(Race race)
    {
        (string Name, string Uid, Action<string> Write)[] kinds =
        [
            ("script of two lines", "lines", f => Script(f, "lines", "echo one 1\necho two 2", """, "output": "lines" """)),
            ("DLL", "dll", Assembly),
            ("executable", "collector-host", f => Copy(Path.Combine(RealAgent.ProductPlugins, "host"), f)),
        ];
        foreach (var (name, uid, write) in kinds)
        {
            var running = new List<double>();
            var recorded = new List<double>();
            for (int i = 0; i < Runs; i++)
            {
                using var root = ScratchFolder.OnDisk();
                using var agent = new RealAgent(root.Path, hasPlugins: false);
                agent.Until(s => s["ticks"]!.GetValue<long>() > 0);
                string made = root.File("made");
                write(made);
                double sum = race.Seconds(() =>
                {
                    Directory.Move(made, Path.Combine(agent.Plugins, uid));
                    agent.Until(s => s["processes"]!.AsArray().Any(p => (string?)p!["state"] == "running"));
                });
                running.Add(sum);
                recorded.Add(sum + race.Seconds(() => agent.Until(s => s["plugins"]!.AsArray().Any(
                    p => (string?)p!["uid"] == uid && (string?)p["state"] == "live"))));
            }
            yield return Median($"{name}, folder to process, p50", running);
            yield return Median($"{name}, folder to sample, p50", recorded);
        }
    }

    /// <summary>Each plugin is killed once: one that ends often is started again later and later.</summary>
    private static IEnumerable<Row> KillsOfPlugins()
    {
        using var root = ScratchFolder.OnDisk();
        using var agent = new RealAgent(root.Path, hasPlugins: false);
        for (int i = 0; i < Kills; i++)
        {
            Script(Path.Combine(agent.Plugins, $"killed{i}"), $"killed{i}", $"while read -r _; do echo killed{i} 1; echo; done", """, "output": "lines" """);
        }
        agent.Until(s => Pages(s).Count(p => (string?)p["state"] == "live" && p["counts"]!["ok"]!.GetValue<long>() >= 2) == Kills);
        using var never = new ManualResetEventSlim();
        var random = new Random(1);
        for (int i = 0; i < Kills; i++)
        {
            // Twenty moments that are spread over the steps at random.
            never.Wait(KillingTime / Kills * (0.5 + random.NextDouble()));
            int pid = (int)agent.Get("/status")["processes"]!.AsArray().First(p => (string?)p!["name"] == $"killed{i}")!["pid"]!;
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        never.Wait(Aftermath);
        int restarts = agent.Get("/status")["processes"]!.AsArray().Sum(p => (int)p!["restarts"]!);
        var updates = agent.Get("/rrd_updates?json&start=-599&cf=AVERAGE&host=true");
        string[] legend = [.. updates["meta"]!["legend"]!.AsArray().Select(e => (string)e!)];
        JsonNode[] rows = [.. updates["data"]!.AsArray().Select(r => r!["values"]!)];
        int[] lost = [.. Enumerable.Range(0, Kills).Select(i => Unknown(rows, Array.FindIndex(legend, e => e.EndsWith($":killed{i}", StringComparison.Ordinal))))];
        yield return new Row($"{Kills} plugins killed", restarts, "kills", Kills, "started again");
        yield return new Row($"{Kills} plugins killed, the worst", lost.Max(), "target", 1, "unknown rows");
        yield return new Row($"{Kills} plugins killed, all", lost.Sum(), "kills", Kills, "unknown rows");
    }

    private static IEnumerable<Row> Measuring(Race race)
    {
        using var root = ScratchFolder.OnDisk();
        string plugins = Directory.CreateDirectory(root.File("plugins.d")).FullName;
        for (int i = 0; i < IdlePlugins; i++)
        {
            Script(Path.Combine(plugins, $"idle{i}"), $"idle{i}", "exec sleep 1000", "");
        }
        var time = TimeProvider.System;
        var paths = new AgentPaths(root.Path);
        Directory.CreateDirectory(paths.Pages);
        var launcher = new PluginLauncher(paths, "");
        using var folders = new PluginFolders([plugins], time, NullLogger<PluginFolders>.Instance);
        var supervisor = new PluginSupervisor(paths, folders, launcher, new PageGrants(), () => { }, int.MaxValue, time, NullLogger<PluginSupervisor>.Instance);
        var statistics = new PluginStatistics(paths, () => new Dictionary<string, PageFigures>());
        var meter = new PluginMeter(supervisor, launcher, statistics, () => TimeSpan.Zero, time, NullLogger<PluginMeter>.Instance);
        using var stop = new CancellationTokenSource();
        var running = supervisor.RunAsync(stop.Token);
        if (!SpinWait.SpinUntil(() => supervisor.Plugins.Count(p => p.State == PluginRunState.Running) == IdlePlugins, KillingTime))
        {
            throw new InvalidOperationException("not all plugins run");
        }
        var seconds = new List<double>();
        for (int i = 0; i < Measurements; i++)
        {
            seconds.Add(race.Seconds(meter.Measure));
        }
        int processes = Directory.EnumerateDirectories("/proc").Count(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out _));
        stop.Cancel();
        running.Wait();
        var spread = Spread.Of(seconds);
        string size = $"{IdlePlugins} plugins, {processes} processes of the host";
        yield return new Row($"{size}, p50", spread.Median * 1e3, "longest", spread.Max * 1e3, "ms/measuring", spread.Median / seconds.Min());
        yield return new Row($"{size}, p50", spread.Median / StepSeconds * 100, "target", 0.5, "% of a core");
    }

    private static Row Median(string size, List<double> seconds) =>
        new(size, Spread.Of(seconds).Median, "longest", seconds.Max(), "s", Spread.Of(seconds).Median / seconds.Min());

    /// <summary>Rows between the first known and the last known one of a column that are unknown.</summary>
    private static int Unknown(JsonNode[] rows, int column)
    {
        bool[] known = [.. rows.Select(r => (string?)r[column] != "NaN")];
        int first = Array.IndexOf(known, true);
        int last = Array.LastIndexOf(known, true);
        return known[first..(last + 1)].Count(k => !k);
    }

    private static IEnumerable<JsonNode> Pages(JsonNode status) =>
        status["plugins"]!.AsArray().Select(p => p!).Where(p => ((string)p["uid"]!).StartsWith("killed", StringComparison.Ordinal));

    private static void Assembly(string folder)
    {
        Copy(Path.GetFullPath(Path.Combine(RealAgent.ProductPlugins, "..", "..", "..", "SecondPlugin", "release")), folder);
        File.WriteAllText(Path.Combine(folder, "plugin.json"), """{ "name": "dll", "assembly": "SecondPlugin.dll" }""");
    }

    private static void Script(string folder, string name, string script, string rest)
    {
        Directory.CreateDirectory(folder);
        string program = Path.Combine(folder, "run");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(folder, "plugin.json"), $$"""{ "name": "{{name}}", "executable": "run"{{rest}} }""");
    }

    private static void Copy(string from, string folder)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine(folder, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }
}
