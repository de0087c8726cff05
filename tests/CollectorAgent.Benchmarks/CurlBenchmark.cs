using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>What a reader in the field sees of large documents: curl, a process and a connection for each, against a real agent.</summary>
internal static class CurlBenchmark
{
    private const int TicksBefore = 125;
    private const int Rounds = 15;
    private const double MB = 1e6;

    private static readonly ScaleShape Shape = new(23_000, 100, 1_000);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(ArchiveLayout.StandardStepSeconds);

    public static IEnumerable<string> Run()
    {
        if (RealAgent.IsMissing)
        {
            throw new InvalidOperationException("the agent is not built: dotnet build -c Release agent/CollectorAgent");
        }
        using var root = ScratchFolder.OnDisk();
        var paths = new AgentPaths(root.Path);
        Directory.CreateDirectory(paths.Pages);
        using var fleet = new PageFleet(Shape, paths.Pages);
        using (var vms = new SampledVms(fleet, paths.Store, Now() / ArchiveLayout.StandardStepSeconds - TicksBefore - 2))
        {
            for (int i = 0; i < TicksBefore; i++)
            {
                vms.Publish();
                vms.Sampler.Tick();
            }
        }
        using var running = new PageFleet(Shape, paths.Pages);
        running.Publish(Now());
        using var plugins = new Timer(_ => running.Publish(Now()), null, Step, Step);
        int port = FreePort();
        using var agent = new RealAgent(root.Path, hasPlugins: false, $"127.0.0.1:{port}");
        agent.Until(s => s["ticks"]!.GetValue<long>() > 1 && s["owners"]!.AsArray().Count == Shape.Owners);

        yield return $"{Shape.Owners:#,0} owners of {Shape.Sources / Shape.Owners}, by curl; best and median of {Rounds}";
        yield return $"| {"document",-44} | {"over",-6} | {"MB",6} | {"ms, 1st byte",12} | {"ms, whole",9} | {"median",6} |";
        yield return "|---|---|---:|---:|---:|---:|";
        foreach (string path in (string[])["/rrd_updates?start=-599", "/rrd_updates?start=-599&json=true", "/rrd_updates?start=-9&json=true"])
        {
            foreach (string? socket in (string?[])[null, paths.Socket])
            {
                var runs = Enumerable.Range(0, Rounds + 2).Select(_ => Fetch($"http://127.0.0.1:{port}{path}", socket)).Skip(2).ToList();
                double[] times = [.. runs.Select(r => r.Whole).Order()];
                yield return string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {path,-44} | {(socket is null ? "TCP" : "socket"),-6} | {runs[0].Bytes / MB,6:0.0} "
                    + $"| {runs.Min(r => r.FirstByte) * 1e3,12:0.0} | {times[0] * 1e3,9:0.0} | {times[times.Length / 2] * 1e3,6:0.0} |");
            }
        }
    }

    private static (double FirstByte, long Bytes, double Whole) Fetch(string url, string? socket)
    {
        string[] over = socket is null ? [] : ["--unix-socket", socket];
        var start = new ProcessStartInfo("curl", ["-sS", "-H", "Accept:", "-o", "/dev/null", "-w", "%{time_starttransfer} %{size_download} %{time_total}", .. over, url])
        {
            RedirectStandardOutput = true,
        };
        using var curl = Process.Start(start)!;
        string[] answer = curl.StandardOutput.ReadToEnd().Split(' ');
        curl.WaitForExit();
        return (Number(answer[0]), long.Parse(answer[1], CultureInfo.InvariantCulture), Number(answer[2]));
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
