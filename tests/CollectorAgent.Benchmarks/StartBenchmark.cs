using System.Globalization;
using System.Text.Json.Nodes;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>The agent's own process: its start after a kill, and what it takes when there is little to do.</summary>
internal static class StartBenchmark
{
    private const int TicksBefore = 130;
    private const double TicksPerSecond = 100;
    private const double MiB = 1 << 20;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(15);
    private static readonly ScaleShape Shape = new(100_000, 100, 100);

    public static IEnumerable<Row> Run(Race race)
    {
        if (RealAgent.IsMissing)
        {
            throw new InvalidOperationException("the agent is not built: dotnet build -c Release agent/CollectorAgent");
        }
        return [.. Starts(race), .. AtRest()];
    }

    private static IEnumerable<Row> Starts(Race race)
    {
        using var root = ScratchFolder.OnDisk();
        var paths = new AgentPaths(root.Path);
        Directory.CreateDirectory(paths.Pages);
        var fleet = new PageFleet(Shape, paths.Pages);
        long step = Now() / ArchiveLayout.StandardStepSeconds - TicksBefore - 2;
        using (var vms = new SampledVms(fleet, paths.Store, step))
        {
            for (int i = 0; i < TicksBefore; i++)
            {
                vms.Publish();
                vms.Sampler.Tick();
            }
            // Nothing but the folder of pages is left of the plugins; the agent finds them there.
        }
        using var running = new PageFleet(Shape, paths.Pages);
        const string Size = "100,000 DS of 100 VMs";
        long recorded;
        using (var agent = new RealAgent(root.Path, hasPlugins: false))
        {
            running.Publish(Now());
            recorded = LastStep(agent.Until(s => s["ticks"]!.GetValue<long>() > 0 && s["owners"]!.AsArray().Count == Shape.Owners));
        }
        RealAgent? second = null;
        JsonNode? answer = null;
        double seconds = race.Seconds(() =>
        {
            second = new RealAgent(root.Path, hasPlugins: false);
            answer = second.Until(s => s["owners"]!.AsArray().Count == Shape.Owners);
        });
        using (second)
        {
            if (LastStep(answer!) < recorded)
            {
                throw new InvalidOperationException($"the newest step was {recorded}, after the kill it is {LastStep(answer!)}");
            }
            yield return new Row($"{Size}, killed", seconds * 1e3, "target", 1_000, "ms to answers");
            running.Publish(Now());
            double tick = second!.Until(s => s["ticks"]!.GetValue<long>() == 1)["last_tick_ms"]!.GetValue<double>();
            yield return new Row($"{Size}, killed", tick, "", double.NaN, "ms, first tick");
            yield return new Row($"{Size}, killed", seconds * 1e3 + tick, "target", 1_000, "ms, both");
        }
    }

    private static IEnumerable<Row> AtRest()
    {
        using var root = ScratchFolder.OnDisk();
        using var agent = new RealAgent(root.Path, hasPlugins: true);
        agent.Until(s => s["ticks"]!.GetValue<long>() > 0 && s["owners"]!.AsArray().Count == 1);
        using var never = new ManualResetEventSlim();
        never.Wait(Settling);
        int[] pids = [agent.Pid, .. agent.Children];
        double before = pids.Sum(ProcessorSeconds);
        never.Wait(Idle);
        double share = (pids.Sum(ProcessorSeconds) - before) / Idle.TotalSeconds;
        string[] names = [.. pids.Select(p => p.ToString(CultureInfo.InvariantCulture))];
        var agentAlone = ProcessMemory.Of(names[0]);
        const string Size = "agent with the host plugin, at rest";
        yield return new Row(Size, names.Sum(p => ProcessMemory.Of(p).Resident) / MiB, "target", 64, "MiB resident");
        yield return new Row($"{Size}, shared pages once", names.Sum(ProcessMemory.Proportional) / MiB, "target", 64, "MiB resident");
        yield return new Row("agent alone", agentAlone.Resident / MiB, "", double.NaN, "MiB resident");
        yield return new Row("agent alone, of no file", agentAlone.Anonymous / MiB, "", double.NaN, "MiB resident");
        yield return new Row(Size, share * 100, "target", 0.5, "% of a core");
    }

    private static long LastStep(JsonNode status) => status["last_step"]!.GetValue<long>();

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>User and system time, in hundredths of a second as the kernel counts them. See proc_pid_stat(5).</summary>
    private static double ProcessorSeconds(int pid)
    {
        string stat = File.ReadAllText($"/proc/{pid}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (double.Parse(fields[11], CultureInfo.InvariantCulture) + double.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }
}
