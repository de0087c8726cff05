using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace CollectorAgent.Cli;

/// <summary>An agent with one plugin, below a root that nobody else knows. Both are gone at the end.</summary>
internal sealed class TrialAgent : IAsyncDisposable
{
    /// <summary>The agent gives its plugin five seconds to end.</summary>
    public static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan StartDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // sun_path has 107 bytes; the rest is for the name of the root, and the paths of sockets below it.
    private const int MaxParentBytes = 48;
    private const string UsualParent = "/tmp";

    private const int MaxLogLines = 1000;

    // Input is the pipe that closes with collectorctl, however that ends. An interrupt from the terminal is for collectorctl alone.
    private const string Script = """
        trap '' INT
        root=$1
        shift
        exec 3<&0
        "$@" </dev/null 3<&- &
        agent=$!
        ( cat <&3 >/dev/null; kill "$agent" ) >/dev/null 2>&1 &
        watcher=$!
        exec 3<&-
        wait "$agent"
        code=$?
        kill "$watcher" 2>/dev/null
        rm -rf "$root"
        exit "$code"
        """;

    private readonly string _root;
    private readonly Process _process;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<string> _log = [];

    private TrialAgent(string root, Process process, TimeProvider time)
    {
        _root = root;
        _process = process;
        _time = time;
        Connection = AgentConnection.Create(root, null, time);
    }

    public AgentConnection Connection { get; }

    /// <summary>What it has written to its log.</summary>
    public IEnumerable<AgentLogLine> Log => _log.Select(AgentLogLine.Parse).OfType<AgentLogLine>();

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="folder">The plugin's.</param>
    /// <exception cref="CliException">It cannot be started.</exception>
    public static async Task<TrialAgent> StartAsync(string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        string program = AgentProgram.Find();
        string root = CreateRoot();
        TrialAgent? agent = null;
        try
        {
            string plugins = Directory.CreateDirectory(Path.Combine(root, "plugins.d")).FullName;
            Directory.CreateSymbolicLink(Path.Combine(plugins, Path.GetFileName(folder)), folder);
            agent = new TrialAgent(root, Start(root, [program, "--root", root, "--listen", "none", "--plugins", plugins]), time);
            agent.Drain();
            await agent.AnswersAsync(cancellationToken);
            return agent;
        }
        catch
        {
            if (agent is not null)
            {
                await agent.DisposeAsync();
            }
            Remove(root);
            throw;
        }
    }

    /// <summary>Asks how it is doing.</summary>
    /// <exception cref="CliException">It has ended.</exception>
    public Task<AgentStatus> StatusAsync(CancellationToken cancellationToken)
    {
        RequireRunning();
        return Connection.GetJsonAsync(AgentStatus.Path, AgentJson.Default.AgentStatus, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        _process.StandardInput.Close();
        using var deadline = new CancellationTokenSource(StopDeadline, _time);
        try
        {
            await _process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }
        _process.Dispose();
        Remove(_root);
    }

    private static Process Start(string root, IEnumerable<string> command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", root, .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Its log is read here, not by a journal.
        start.Environment.Remove("JOURNAL_STREAM");
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new CliException(ExitCode.Unreachable, $"No agent can be started: /bin/sh: {e.Message}.", e);
        }
    }

    private static string CreateRoot()
    {
        string parent = Path.GetTempPath();
        string root = Path.Combine(
            Encoding.UTF8.GetByteCount(parent) <= MaxParentBytes ? parent : UsualParent, "collectorctl-" + Path.GetRandomFileName());
        try
        {
            Directory.CreateDirectory(root);
            // A plugin that runs as another user passes through.
            File.SetUnixFileMode(
                root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            return root;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.OutputFailed, $"There is no room for a trial: {e.Message} Name another place with TMPDIR.", e);
        }
    }

    private static void Remove(string root)
    {
        try
        {
            Directory.Delete(root, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The script has done it.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.OutputFailed, $"The temporary folder {root} stays: {e.Message} Delete it.", e);
        }
    }

    private void Drain()
    {
        _process.OutputDataReceived += Note;
        _process.ErrorDataReceived += Note;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is not null && _log.Count < MaxLogLines)
        {
            _log.Enqueue(line.Data);
        }
    }

    private async Task AnswersAsync(CancellationToken cancellationToken)
    {
        for (long started = _time.GetTimestamp(); ; await Task.Delay(Pause, _time, cancellationToken))
        {
            try
            {
                await StatusAsync(cancellationToken);
                return;
            }
            catch (CliException e) when (e.ExitCode == ExitCode.Unreachable && _time.GetElapsedTime(started) < StartDeadline && !_process.HasExited)
            {
                // It does not listen yet.
            }
        }
    }

    private void RequireRunning()
    {
        if (_process.HasExited)
        {
            throw new CliException(
                ExitCode.Unreachable,
                $"The agent that was started for this has ended with exit code {_process.ExitCode}: {Printable.Of(string.Join(" / ", _log.TakeLast(3)))}");
        }
    }
}
