using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CollectorAgent.Protocol;
using CollectorAgent.Sampling;

namespace CollectorAgent.Daemon.Tests;

/// <summary>A whole agent, each of whose tasks is let fail in its turn.</summary>
public sealed class TaskFailureTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly string[] Tasks =
    [
        "cache-sr", "memory-return", "orphan-guard", "page-watcher", "plugin-meter", "plugin-supervisor", "socket-watch", "sr-notices",
        "store-sync", "toolstack-settings", "warm-up",
    ];

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("ca-tasks-");

    private readonly HarmlessSignals _signals = new();

    public void Dispose()
    {
        _signals.Dispose();
        _root.Delete(recursive: true);
    }

    [Fact]
    public async Task Every_task_can_fail_twice_and_goes_on_while_recording_never_stops()
    {
        var runs = new ConcurrentDictionary<string, int>();
        using var end = new CancellationTokenSource();
        var agent = RunAsync((name, work) => stop =>
            name == "tick" ? work(end.Token)
            : runs.AddOrUpdate(name, 1, (_, n) => n + 1) <= 2 ? throw new InvalidDataException($"injected into {name}")
            : work(stop));

        var status = await UntilAsync(s => s["tasks"]!.AsArray().All(t => (long)t!["failures"]! == 2 && (string?)t["state"] != "waiting")
            && (long)s["ticks"]! >= 1);
        await File.WriteAllBytesAsync(
            new AgentPaths(_root.FullName).Page("a"), PageWriter.Version2(Now, [new ReportedSource("x") { IsDefault = true }], [0]));
        // The watcher and the tick work again.
        await UntilAsync(s => s["plugins"]!.AsArray().Any(p => (string?)p!["uid"] == "a" && (string?)p["state"] == "live"));

        Assert.Equal(Tasks, status["tasks"]!.AsArray().Select(t => (string)t!["name"]!));
        Assert.All(status["tasks"]!.AsArray(), t => Assert.Equal($"injected into {(string)t!["name"]!}", (string)t["reason"]!));
        Assert.False(agent.IsCompleted);
        await end.CancelAsync();
        Assert.Equal("it ended by itself", (await Assert.ThrowsAsync<EssentialFailedException>(() => agent.WaitAsync(Deadline))).Message);
    }

    [Fact]
    public async Task Tick_that_fails_ends_the_agent_with_what_is_recorded_on_disk()
    {
        var failure = await Assert.ThrowsAsync<EssentialFailedException>(() => RunAsync((name, work) => name == "tick"
            ? _ => throw new InvalidDataException("injected into the tick")
            : work).WaitAsync(Deadline));

        Assert.Equal("injected into the tick", failure.Message);
    }

    private static double Now => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    private Task RunAsync(Func<string, BackgroundWork, BackgroundWork> around)
    {
        string plugins = Directory.CreateDirectory(Path.Combine(_root.FullName, "none")).FullName;
        var options = AgentOptions.Create(
            _root.FullName, ["none"], [plugins], null, paths => TlsOptions.Create(paths, [], null, null, null, [], null));
        return new AgentHost(options, new DescriptorBudget(4096), _signals, TimeProvider.System, around).RunAsync();
    }

    private async Task<JsonNode> UntilAsync(Func<JsonNode, bool> isWanted)
    {
        using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync });
        long start = TimeProvider.System.GetTimestamp();
        JsonNode? last = null;
        while (TimeProvider.System.GetElapsedTime(start) < Deadline)
        {
            try
            {
                last = JsonNode.Parse(await http.GetStringAsync(new Uri("http://localhost/status")))!;
                if (isWanted(last))
                {
                    return last;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
        throw new TimeoutException($"not as wanted in time; last: {last}");
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(new AgentPaths(_root.FullName).Socket), cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
