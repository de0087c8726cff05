using CollectorAgent.Native;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>One process of a plugin, from its start to the end of everything it has started itself.</summary>
internal sealed class PluginRun : IDisposable
{
    public static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(5);

    /// <summary>How long what was printed at the end may take to be read.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(250);

    private readonly string _name;
    private readonly ChildProcess _process;
    private readonly LastWords _words;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Task _drains;

    /// <param name="process">With all three streams redirected; its own.</param>
    public PluginRun(string name, ChildProcess process, LastWords words, TimeProvider time, ILogger log)
    {
        _name = name;
        _process = process;
        _words = words;
        _time = time;
        _log = log;
        _drains = Task.WhenAll(Drain(process.Output, LogLevel.Information), Drain(process.Errors, LogLevel.Warning));
    }

    /// <summary>Id of the process and of its session.</summary>
    public int Pid => _process.Id;

    /// <summary>Waits for the end of the process, or ends it when the token says stop. Nothing of its group is left then.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> EndAsync(CancellationToken stop)
    {
        try
        {
            await _process.WaitForEndAsync(stop);
        }
        catch (OperationCanceledException)
        {
            await StopAsync();
        }
        Signal(PosixProcess.KillGroup);
        // A process that has left the group may hold the pipes open; it is not waited for.
        try
        {
            await _drains.WaitAsync(LastWords, _time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // Nothing is lost but what somebody else may still print.
        }
        return _process.ExitCode;
    }

    public void Dispose() => _process.Dispose();

    private async Task StopAsync()
    {
        await _process.Input.DisposeAsync();
        if (!Signal(PosixProcess.TerminateGroup))
        {
            _process.Kill();
        }
        using var deadline = new CancellationTokenSource(StopDeadline, _time);
        try
        {
            await _process.WaitForEndAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            Log.PluginKilled(_log, _name, StopDeadline.TotalSeconds);
            _process.Kill();
            await _process.WaitForEndAsync(CancellationToken.None);
        }
    }

    /// <returns>False where there is nobody, or nobody whom the agent may end.</returns>
    private bool Signal(Func<int, bool> send)
    {
        try
        {
            return send(Pid);
        }
        catch (PosixException e)
        {
            Log.ProcessNotEnded(_log, _name, Pid, e.Message);
            return false;
        }
    }

    private async Task Drain(Stream stream, LogLevel level)
    {
        using var reader = new StreamReader(stream);
        await new LineDrain(_time, Say).RunAsync(reader);

        void Say(string line)
        {
            _words.Note(line, isError: level == LogLevel.Warning);
            Log.PluginSays(_log, level, _name, line);
        }
    }
}
