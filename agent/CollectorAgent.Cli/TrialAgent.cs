using System.Collections.Concurrent;
using System.Text;
using CollectorAgent.Native;

namespace CollectorAgent.Cli;

/// <summary>An agent with one plugin, below a root that nobody else knows. Both are gone at the end.</summary>
internal sealed class TrialAgent : IAsyncDisposable
{
    /// <summary>The agent gives its plugin five seconds to end; where it has crashed, its orphan guard does.</summary>
    public static readonly TimeSpan StopDeadline = TimeSpan.FromMinutes(1);

    // On a host that is busy.
    private static readonly TimeSpan StartDeadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    // sun_path has 107 bytes; the rest is for the name of the root, and the paths of sockets below it.
    private const int MaxParentBytes = 48;
    private const string UsualParent = "/tmp";

    private const int MaxLogLines = 1000;
    private const int LastLines = 3;

    // Of the script, which the agent does not end with.
    private const int NoRoom = 97;

    // Input is the pipe that closes with collectorctl, however that ends. What is asked to end ends the agent first; the signals are caught
    // and not ignored, since what is ignored would be so for the agent, too. A plugin that outlives a crash of the agent for a moment may
    // write below the root once more. What the runtime of a killed collectorctl leaves is removed as well.
    private const string Script = """
        root=$1 name=$2 folder=$3 caller=$PPID
        shift 3
        agent=
        trap '[ -z "$agent" ] || kill "$agent"' HUP INT QUIT TERM
        mkdir -m 711 "$root" || exit 97
        mkdir "$root/plugins.d" && ln -s "$folder" "$root/plugins.d/$name" || { rm -rf "$root"; exit 97; }
        exec 3<&0
        "$@" </dev/null 3<&- &
        agent=$!
        ( cat <&3 >/dev/null; kill "$agent" ) >/dev/null 2>&1 &
        watcher=$!
        exec 3<&-
        wait "$agent"
        code=$?
        while kill -0 "$agent" 2>/dev/null; do
          wait "$agent"
          code=$?
        done
        kill "$watcher" 2>/dev/null
        left=8
        rm -rf "$root" 2>/dev/null
        while [ "$code" -gt 128 ] && [ "$left" -gt 0 ] || [ -e "$root" ]; do
          [ "$left" -gt 0 ] || break
          left=$((left - 1))
          sleep 1
          rm -rf "$root" 2>/dev/null
        done
        rm -f "${TMPDIR:-/tmp}/clr-debug-pipe-$caller-"* "${TMPDIR:-/tmp}/dotnet-diagnostic-$caller-"*
        exit "$code"
        """;

    private readonly string _root;
    private readonly ChildProcess _process;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<string> _log = [];
    private readonly Task _drains;
    private bool _hasAnswered;

    private TrialAgent(string root, ChildProcess process, TimeProvider time)
    {
        _root = root;
        _process = process;
        _time = time;
        Connection = AgentConnection.Create(root, null, time);
        _drains = Task.WhenAll(DrainAsync(process.Output), DrainAsync(process.Errors));
    }

    public AgentConnection Connection { get; }

    /// <summary>What it has written to its log.</summary>
    public IEnumerable<AgentLogLine> Log => _log.Select(AgentLogLine.Parse).OfType<AgentLogLine>();

    private string LastWords => Printable.Of(string.Join(" / ", _log.TakeLast(LastLines)));

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="folder">The plugin's.</param>
    /// <exception cref="CliException">It cannot be started.</exception>
    public static async Task<TrialAgent> StartAsync(string folder, TimeProvider time, CancellationToken cancellationToken)
    {
        string program = AgentProgram.Find();
        string root = NewRoot();
        string plugins = Path.Combine(root, "plugins.d");
        var agent = new TrialAgent(
            root, Start([root, Path.GetFileName(folder), folder, program, "--root", root, "--listen", "none", "--plugins", plugins]), time);
        try
        {
            await agent.AnswersAsync(cancellationToken);
            return agent;
        }
        catch
        {
            await agent.DisposeAsync();
            throw;
        }
    }

    /// <summary>Asks how it is doing.</summary>
    /// <exception cref="CliException">It has ended.</exception>
    public async Task<AgentStatus> StatusAsync(CancellationToken cancellationToken)
    {
        RequireRunning();
        try
        {
            var status = await Connection.GetJsonAsync(AgentStatus.Path, AgentJson.Default.AgentStatus, cancellationToken);
            _hasAnswered = true;
            return status;
        }
        // An answer may be cut off in the middle.
        catch (CliException e) when (_hasAnswered)
        {
            throw new CliException(
                ExitCode.Unreachable,
                $"The agent that was started for this answers no more: {e.Message} Its last words: {LastWords}",
                e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await _process.Input.DisposeAsync();
        using var deadline = new CancellationTokenSource(StopDeadline, _time);
        try
        {
            await _process.WaitForEndAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            _process.KillWithDescendants();
        }
        _process.Dispose();
        await _drains;
        Remove(_root);
    }

    /// <summary>Starts the script in a session of its own: what a terminal sends is for collectorctl alone.</summary>
    private static ChildProcess Start(IReadOnlyList<string> arguments)
    {
        var environment = ChildEnvironment.OfThisProcess();
        // Its log is read here, not by a journal.
        environment.Remove("JOURNAL_STREAM");
        // Where the runtime is killed, the pipes and sockets of its diagnostics would stay in the temporary folder.
        environment["DOTNET_EnableDiagnostics"] = "0";
        try
        {
            return ChildProcess.Start(new ChildStart("/bin/sh", ["-c", Script, "sh", .. arguments])
            {
                Environment = environment,
                LeadsSession = true,
                HasInput = true,
                HasOutput = true,
                HasErrors = true,
            });
        }
        catch (IOException e)
        {
            throw new CliException(ExitCode.Unreachable, $"No agent can be started: {Sentence.Ended(e.Message)}", e);
        }
    }

    /// <summary>A path that is free. The script makes the folder: what this process makes would stay where it is killed.</summary>
    private static string NewRoot()
    {
        string parent = Path.GetTempPath();
        return Path.Combine(
            Encoding.UTF8.GetByteCount(parent) <= MaxParentBytes ? parent : UsualParent, "collectorctl-" + Path.GetRandomFileName());
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
            throw new CliException(ExitCode.OutputFailed, $"The temporary folder {root} stays: {Sentence.Ended(e.Message)} Delete it.", e);
        }
    }

    private async Task DrainAsync(Stream stream)
    {
        using var reader = new StreamReader(stream);
        try
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                if (_log.Count < MaxLogLines)
                {
                    _log.Enqueue(line);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The pipe was closed at the end.
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
            catch (CliException e) when (
                e.ExitCode == ExitCode.Unreachable && _time.GetElapsedTime(started) < StartDeadline && !_process.HasEnded)
            {
                // It does not listen yet.
            }
        }
    }

    private void RequireRunning()
    {
        if (_process.HasEnded && _process.ExitCode == NoRoom)
        {
            throw new CliException(
                ExitCode.OutputFailed, $"There is no room for a trial: {LastWords}. Name another place with TMPDIR.");
        }
        if (_process.HasEnded)
        {
            throw new CliException(
                ExitCode.Unreachable,
                $"The agent that was started for this has ended with exit code {_process.ExitCode}: {LastWords}");
        }
    }
}
