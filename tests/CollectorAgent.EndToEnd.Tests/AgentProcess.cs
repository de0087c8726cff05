using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;
using CollectorAgent.Protocol;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A real agent below a root of its own.</summary>
internal sealed class AgentProcess : IDisposable
{
    /// <summary>How long anything may take before a test gives it up: minutes, as machines that run tests are busy.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AgentProcess(AgentPaths paths, Process process)
    {
        Paths = paths;
        _process = process;
        Http = Client(paths.Socket);
    }

    public AgentPaths Paths { get; }

    public HttpClient Http { get; }

    public int Pid => _process.Id;

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    /// <summary>Starts an agent that answers; its root need not exist.</summary>
    public static Task<AgentProcess> StartAsync(string root, params string[] arguments) => StartAsync(root, arguments, environment: null);

    /// <param name="environment">Is added to that of this process.</param>
    /// <inheritdoc cref="StartAsync(string, string[])"/>
    public static async Task<AgentProcess> StartAsync(string root, string[] arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var process = Start(Arguments(root, arguments), environment);
        var agent = new AgentProcess(new AgentPaths(root), process);
        agent.ReadLog();
        await Task.WhenAny(agent._started.Task, process.WaitForExitAsync()).WaitAsync(Deadline);
        Assert.False(process.HasExited, agent.Log);
        return agent;
    }

    /// <summary>Starts an agent whose log nobody reads, after what a shell does first; it keeps the shell's process.</summary>
    /// <param name="setup">Commands, such as <c>ulimit</c>, <c>umask</c> and <c>exec 2></c>.</param>
    public static async Task<AgentProcess> StartUnreadAsync(string root, string setup, params string[] arguments)
    {
        var agent = new AgentProcess(new AgentPaths(root), StartInShell(setup, Arguments(root, arguments)));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await agent.AnswersAsync(deadline.Token))
        {
            Assert.False(agent._process.HasExited, "it ended by itself");
            await timer.WaitForNextTickAsync(deadline.Token);
        }
        return agent;
    }

    /// <summary>Reads the log from now on, with what is in the pipe already.</summary>
    public void ReadLog()
    {
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Waits until the log has a text.</summary>
    public async Task LogsAsync(string text)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var deadline = new CancellationTokenSource(Deadline);
        try
        {
            while (!Log.Contains(text, StringComparison.Ordinal))
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"the log did not say in time: {text}\n{Log}");
        }
    }

    /// <summary>Starts an agent that is expected to end by itself.</summary>
    public static Task<(int ExitCode, string Errors)> RunToEndAsync(params string[] arguments) => ToEndAsync(Start(arguments));

    /// <summary>The same, after what a shell does first.</summary>
    public static Task<(int ExitCode, string Errors)> RunInShellToEndAsync(string setup, params string[] arguments) =>
        ToEndAsync(StartInShell(setup, arguments));

    private static async Task<(int ExitCode, string Errors)> ToEndAsync(Process started)
    {
        using var process = started;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Deadline);
        await output;
        return (process.ExitCode, await errors);
    }

    /// <summary>Asks again and again until an answer is as wanted.</summary>
    public async Task<JsonNode> UntilAsync(string path, Func<JsonNode, bool> isWanted)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var deadline = new CancellationTokenSource(Deadline);
        JsonNode? last = null;
        try
        {
            do
            {
                last = JsonNode.Parse(await Http.GetStringAsync(new Uri(path, UriKind.Relative), deadline.Token))!;
            }
            while (!isWanted(last) && await timer.WaitForNextTickAsync(deadline.Token));
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{path} was not as wanted in time; last: {last}\n{Log}");
        }
        return last!;
    }

    /// <summary>What a status says of a page; null where it is not read.</summary>
    public static JsonNode? Page(JsonNode status, string uid) => status["plugins"]!.AsArray().FirstOrDefault(p => (string?)p!["uid"] == uid);

    /// <summary>What a status says of a plugin that the agent runs; null where there is none.</summary>
    public static JsonNode? Plugin(JsonNode status, string name) => status["processes"]!.AsArray().FirstOrDefault(p => (string?)p!["name"] == name);

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync().WaitAsync(Deadline);
    }

    /// <summary>Sends a signal and waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndAsync(string signal)
    {
        await SignalAsync(signal);
        return await EndedAsync();
    }

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> EndedAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Deadline);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        Http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    /// <summary>Where the build puts a program.</summary>
    public static string Program(string project, string name, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "artifacts", "bin", project, Configuration, name));

    private static string Configuration => Path.GetFileName(Path.GetDirectoryName(typeof(AgentProcess).Assembly.Location))!;

    private static string[] Arguments(string root, string[] arguments) =>
        ["--root", root, .. arguments.Length > 0 ? arguments : ["--listen", "none"]];

    private static Process StartInShell(string setup, string[] arguments) => Process.Start(
        new ProcessStartInfo("bash", ["-c", setup + "; exec \"$0\" \"$@\"", Program("CollectorAgent", "collector-agent"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Http.GetStringAsync(new Uri("/status", UriKind.Relative), cancellationToken);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static Process Start(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(Program("CollectorAgent", "collector-agent"), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }
        return Process.Start(start)!;
    }

    private static HttpClient Client(string socketPath) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://localhost/"),
        Timeout = Deadline,
    };

    private void Note(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }
        lock (_log)
        {
            _log.AppendLine(line.Data);
        }
        if (line.Data.Contains("works below", StringComparison.Ordinal))
        {
            _started.TrySetResult();
        }
    }
}
