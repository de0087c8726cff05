using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>What readers cost a real agent that ask for a large document and never read it: memory, late ticks, and how long others wait.</summary>
internal static class ReadersBenchmark
{
    private const double MiB = 1 << 20;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(ArchiveLayout.StandardStepSeconds);

    /// <param name="count">Readers.</param>
    /// <param name="sources">Data sources of the host, of one plugin.</param>
    /// <param name="seconds">How long the readers stay; they are watched for as long again when they have left.</param>
    /// <param name="path">What they ask for.</param>
    public static IEnumerable<string> Run(int count = 300, int sources = 5_000, int seconds = 30, string path = "/rrd_updates?start=0&host=true")
    {
        if (RealAgent.IsMissing)
        {
            throw new InvalidOperationException("the agent is not built: dotnet build -c Release agent/CollectorAgent");
        }
        using var root = ScratchFolder.OnDisk();
        var pages = Directory.CreateDirectory(new AgentPaths(root.Path).Pages).FullName;
        using var page = new PageFile(Path.Combine(pages, "readers-benchmark"), PageFile.Sources(Owner.Host, sources));
        using var plugin = new Timer(_ => Publish(page, sources));
        Publish(page, sources);
        plugin.Change(Step, Step);
        var address = new IPEndPoint(IPAddress.Loopback, FreePort());
        using var agent = new RealAgent(root.Path, hasPlugins: false, address.ToString());
        agent.Until(s => s["ticks"]!.GetValue<long>() > 1 && s["owners"]!.AsArray().Count == 1);

        yield return $"{count:#,0} readers of {path}, {sources:#,0} data sources of the host";
        yield return $"| {"moment",-22} | {"MiB RSS",8} | {"most",8} | {"ms late, most",13} | {"tick, most",10} "
            + $"| {"/status p50",11} | {"most",8} | {"missed",6} |";
        yield return "|---|---:|---:|---:|---:|---:|---:|---:|";
        yield return Watch(agent, "before", 2 * Step.TotalSeconds);
        var readers = Enumerable.Range(0, count).Select(_ => Ask(address, path)).ToList();
        yield return Watch(agent, "while they are there", seconds);
        readers.ForEach(r => r.Dispose());
        yield return Watch(agent, "when they have left", seconds);
        yield return Watch(agent, "later", seconds);
    }

    private static string Watch(RealAgent agent, string moment, double seconds)
    {
        using var never = new ManualResetEventSlim();
        long started = TimeProvider.System.GetTimestamp();
        var waits = new List<double>();
        double most = 0;
        double late = 0;
        double tick = 0;
        JsonNode status;
        do
        {
            long asked = TimeProvider.System.GetTimestamp();
            status = agent.Get("/status");
            waits.Add(TimeProvider.System.GetElapsedTime(asked).TotalMilliseconds);
            most = Math.Max(most, Resident(agent));
            late = Math.Max(late, status["last_tick_late_ms"]!.GetValue<double>());
            tick = Math.Max(tick, status["last_tick_ms"]!.GetValue<double>());
            never.Wait(Look);
        }
        while (TimeProvider.System.GetElapsedTime(started).TotalSeconds < seconds);
        var spread = Spread.Of(waits);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {moment,-22} | {Resident(agent),8:0.0} | {most,8:0.0} | {late,13:0.0} | {tick,10:0.0} "
            + $"| {spread.Median,11:0.0} | {spread.Max,8:0.0} | {status["missed_ticks"],6} |");
    }

    private static double Resident(RealAgent agent) => ProcessMemory.Of(agent.Pid.ToString(CultureInfo.InvariantCulture)).Resident / MiB;

    private static Socket Ask(IPEndPoint address, string path)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(address);
        socket.Send(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        return socket;
    }

    private static void Publish(PageFile page, int sources)
    {
        double now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        long[] values =
        [
            .. Enumerable.Range(0, sources)
                .Select(i => Workload.IsGauge(i) ? BitConverter.DoubleToInt64Bits(i + 0.123456789) : (long)now * 1_003 * (i + 1)),
        ];
        lock (page)
        {
            page.Publish(now, values);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
