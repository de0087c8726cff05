using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CollectorAgent.Protocol;

namespace CollectorAgent.Benchmarks;

/// <summary>The agent's program, as the build has left it, below a root of its own. It is killed at the end.</summary>
internal sealed class RealAgent : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly HttpClient _client;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _log = [];

    /// <param name="hasPlugins">Whether it starts those that come with it.</param>
    /// <param name="listen">Its address for readers.</param>
    public RealAgent(string root, bool hasPlugins, string listen = "none")
    {
        var paths = new AgentPaths(root);
        Plugins = Directory.CreateDirectory(Path.Combine(root, "plugins.d")).FullName;
        string[] arguments = ["--root", root, "--listen", listen, .. hasPlugins ? Array.Empty<string>() : ["--plugins", Plugins]];
        _process = Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(paths.Socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://localhost/"),
        };
    }

    public int Pid => _process.Id;

    /// <summary>Where it looks for plugins where it does not start those that come with it; empty at first.</summary>
    public string Plugins { get; }

    /// <summary>Processes that it has started.</summary>
    public IEnumerable<int> Children => File.ReadAllText($"/proc/{Pid}/task/{Pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Concat(Directory.EnumerateDirectories($"/proc/{Pid}/task").SelectMany(
            t => File.ReadAllText($"{t}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        .Select(p => int.Parse(p, CultureInfo.InvariantCulture)).Distinct();

    private static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "..", "..", "CollectorAgent", "release", "collector-agent");

    /// <summary>Where the plugins lie that come with it.</summary>
    public static string ProductPlugins { get; } = Path.Combine(Path.GetDirectoryName(Program)!, "plugins.d");

    public static bool IsMissing => !File.Exists(Program);

    /// <summary>Asks for its status until that is as wanted.</summary>
    public JsonNode Until(Func<JsonNode, bool> isWanted)
    {
        JsonNode? found = null;
        return SpinWait.SpinUntil(() => (found = Status()) is { } status && isWanted(status), Deadline)
            ? found!
            : throw new InvalidOperationException($"the agent is not as wanted: {found}\n{string.Join('\n', _log)}");
    }

    public void Dispose()
    {
        _client.Dispose();
        int[] children = _process.HasExited ? [] : [.. Children];
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        foreach (int child in children)
        {
            End(child);
        }
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null)
        {
            _log.Enqueue(line.Data);
        }
    }

    private static void End(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It has ended with its agent.
        }
    }

    /// <summary>A document, as JSON.</summary>
    public JsonNode Get(string path)
    {
        using var response = _client.Send(new HttpRequestMessage(HttpMethod.Get, path));
        return JsonNode.Parse(response.Content.ReadAsStream())!;
    }

    private JsonNode? Status()
    {
        try
        {
            return Get("/status");
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return null;
        }
    }
}
