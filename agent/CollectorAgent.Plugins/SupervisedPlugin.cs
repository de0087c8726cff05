using CollectorAgent.Protocol;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Keeps one plugin running as its manifest says, within its limits.</summary>
internal sealed class SupervisedPlugin(
    PluginFolder plugin, PluginLauncher launcher, PageGrants grants, TimeProvider time, Random random, ILogger log)
{
    /// <summary>When a plugin that found nothing to measure looks again.</summary>
    private static readonly TimeSpan UnavailableDelay = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(SocketRpc.StepSeconds);

    // What is used for a moment, as while a plugin starts, is not held against it.
    private const int MostTicksOverCpuLimit = 3;

    private readonly BackOff _backOff = new(time, random);
    private readonly LastWords _words = new(time);
    private readonly Lock _gate = new();
    private CancellationTokenSource? _interruptible;
    private string? _interruption;
    private bool _isAsked;

    private PluginRunState _state = PluginRunState.Waiting;
    private string _reason = "";
    private bool _hasFailed;
    private int _pid;
    private int _run;
    private DateTimeOffset? _startedAt;
    private int _starts;
    private double _cpuSeconds = double.NaN;
    private double _cpuSecondsPerTick = double.NaN;
    private int _ticksOverCpuLimit;
    private RunUsage _usage;

    public string Name => plugin.Manifest.Name;

    public IReadOnlyList<string> Pages => plugin.Manifest.Pages;

    /// <summary>The session of its processes; 0 where none runs.</summary>
    public int Session
    {
        get
        {
            lock (_gate)
            {
                return _pid;
            }
        }
    }

    /// <summary>The run that goes on, by which its processes are found; 0 where none does.</summary>
    public int Run
    {
        get
        {
            lock (_gate)
            {
                return _run;
            }
        }
    }

    /// <summary>Starts the plugin, and starts it again as its manifest says, until the token says stop and it has ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            long started = time.GetTimestamp();
            int? exitCode = null;
            string trouble = await InterruptibleAsync(async interrupt => exitCode = await RunOnceAsync(interrupt), stop);
            if (stop.IsCancellationRequested)
            {
                return;
            }
            if (!_isAsked)
            {
                var wait = Decide(exitCode, trouble, time.GetElapsedTime(started));
                await InterruptibleAsync(interrupt => Task.Delay(wait, time, interrupt), stop);
            }
            if (_isAsked)
            {
                _isAsked = false;
                _backOff.Reset();
                Enter(PluginRunState.Waiting, "");
            }
        }
    }

    /// <summary>Starts the plugin anew, whatever it does, because somebody asks for it.</summary>
    public void Restart() => Interrupt("somebody asked for it", isAsked: true);

    /// <summary>Holds what its processes use against its limits.</summary>
    /// <param name="usage">Of its run.</param>
    /// <param name="elapsed">Since the last call.</param>
    public void Note(RunUsage usage, TimeSpan elapsed)
    {
        var limits = plugin.Manifest.Limits;
        string? excess = null;
        lock (_gate)
        {
            if (_pid == 0)
            {
                // Of a plugin that does not run nothing is used. Session 0 is the kernel's.
                return;
            }
            // A process that ends without being waited for takes its time along.
            _cpuSecondsPerTick = Math.Max(0, usage.CpuSeconds - _cpuSeconds) * (Tick / elapsed);
            _cpuSeconds = usage.CpuSeconds;
            _usage = usage;
            _ticksOverCpuLimit = _cpuSecondsPerTick > limits.CpuSecondsPerTick ? _ticksOverCpuLimit + 1 : 0;
            if (usage.ResidentBytes > limits.MemoryBytes)
            {
                excess = $"it had {usage.ResidentBytes} bytes in memory; its limit is {limits.MemoryBytes}";
            }
            else if (_ticksOverCpuLimit >= MostTicksOverCpuLimit)
            {
                excess = FormattableString.Invariant(
                    $"it used {_cpuSecondsPerTick:0.00} s of processor time a tick, ")
                    + FormattableString.Invariant($"{MostTicksOverCpuLimit} ticks in a row; its limit is {limits.CpuSecondsPerTick}");
            }
        }
        if (excess is not null)
        {
            Interrupt(excess, isAsked: false);
        }
    }

    public PluginRunReport Report()
    {
        lock (_gate)
        {
            string reason = _state == PluginRunState.Running && _reason.Length == 0 ? _words.Errors : _reason;
            return new PluginRunReport(
                plugin.Path, Name, _state, reason, plugin.Manifest, _pid, _startedAt, Math.Max(0, _starts - 1),
                _cpuSecondsPerTick, _usage.Processes, _usage.ResidentBytes);
        }
    }

    /// <summary>Does something that <see cref="Interrupt"/> can end.</summary>
    /// <returns>Why it was interrupted, or what else came in between; empty where nothing did.</returns>
    private async Task<string> InterruptibleAsync(Func<CancellationToken, Task> work, CancellationToken stop)
    {
        using var interruptible = CancellationTokenSource.CreateLinkedTokenSource(stop);
        lock (_gate)
        {
            _interruptible = interruptible;
            _interruption = null;
        }
        string trouble = "";
        try
        {
            await work(interruptible.Token);
        }
        catch (OperationCanceledException) when (interruptible.IsCancellationRequested)
        {
            // The reason is kept.
        }
        // Whatever goes wrong with one plugin costs that plugin a run, and nobody else anything.
        catch (Exception e)
        {
            trouble = e.Message;
        }
        lock (_gate)
        {
            _interruptible = null;
            return _interruption ?? trouble;
        }
    }

    private void Interrupt(string reason, bool isAsked)
    {
        lock (_gate)
        {
            if (_interruptible is not null && _interruption is null)
            {
                _interruption = reason;
                _isAsked = isAsked;
                // Not under the lock: whoever waits goes on in this call.
                _ = _interruptible.CancelAsync();
            }
        }
    }

    private async Task<int> RunOnceAsync(CancellationToken stop)
    {
        _words.Clear();
        _hasFailed = false;
        var (process, number) = launcher.Start(plugin);
        using var run = new PluginRun(Name, process, _words, time, log);
        grants.SetSession(Name, run.Pid);
        lock (_gate)
        {
            (_state, _pid, _run, _startedAt) = (PluginRunState.Running, run.Pid, number, time.GetUtcNow());
            (_starts, _cpuSeconds, _cpuSecondsPerTick, _ticksOverCpuLimit, _usage) = (_starts + 1, 0, double.NaN, 0, default);
        }
        Log.PluginStarted(log, Name, plugin.Manifest.Version, run.Pid);
        try
        {
            int exitCode = await run.EndAsync(stop);
            _hasFailed = exitCode != 0;
            Log.PluginEnded(log, Name, exitCode);
            return exitCode;
        }
        finally
        {
            grants.SetSession(Name, 0);
            lock (_gate)
            {
                (_pid, _run, _usage, _cpuSecondsPerTick) = (0, 0, default, double.NaN);
            }
        }
    }

    /// <summary>What follows the end of a run.</summary>
    /// <param name="exitCode">Null where it could not even be started.</param>
    /// <returns>How long to wait; without end, until somebody asks.</returns>
    private TimeSpan Decide(int? exitCode, string trouble, TimeSpan run)
    {
        string what = trouble.Length > 0 ? trouble : $"it ended with exit code {exitCode}";
        if (exitCode == PluginExitCode.Unavailable)
        {
            Enter(PluginRunState.Unavailable, "what it measures is not there; it looks again later");
            Log.PluginUnavailable(log, Name, UnavailableDelay.TotalMinutes);
            return UnavailableDelay;
        }
        if (exitCode == PluginExitCode.Misconfigured)
        {
            Enter(PluginRunState.GivenUp, WithWords("it cannot be run as it is"));
            Log.PluginMisconfigured(log, Name);
            return Timeout.InfiniteTimeSpan;
        }
        if (plugin.Manifest.Restart == PluginRestart.Never || (plugin.Manifest.Restart == PluginRestart.OnFailure && exitCode == 0 && trouble.Length == 0))
        {
            Enter(PluginRunState.Ended, WithWords(what));
            Log.PluginStaysEnded(log, Name, what);
            return Timeout.InfiniteTimeSpan;
        }
        if (_backOff.After(run) is { } delay)
        {
            Enter(PluginRunState.Waiting, WithWords(what));
            Log.PluginRestarts(log, Name, what, delay.TotalSeconds);
            return delay;
        }
        Enter(PluginRunState.GivenUp, WithWords(what));
        Log.PluginGivenUp(log, Name, BackOff.MostEnds, BackOff.Window.TotalMinutes, what);
        return Timeout.InfiniteTimeSpan;
    }

    /// <summary>The reason with what the plugin itself has said.</summary>
    private string WithWords(string reason)
    {
        // Where it has failed its output may say why, too.
        string words = _hasFailed ? _words.Text : _words.Errors;
        return words.Length == 0 ? reason : $"{reason}: {words}";
    }

    private void Enter(PluginRunState state, string reason)
    {
        lock (_gate)
        {
            (_state, _reason) = (state, reason);
        }
    }
}
