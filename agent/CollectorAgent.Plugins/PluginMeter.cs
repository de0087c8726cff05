using CollectorAgent.Protocol;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Measures once a tick what plugins use, holds it against their limits, and publishes it.</summary>
/// <param name="supervisor">Whose plugins.</param>
/// <param name="statistics">Where it is published.</param>
/// <param name="untilNextReading">Time until pages are read next.</param>
public sealed class PluginMeter(
    PluginSupervisor supervisor,
    PluginLauncher launcher,
    PluginStatistics statistics,
    Func<TimeSpan> untilNextReading,
    TimeProvider time,
    ILogger<PluginMeter> log)
{
    private static readonly TimeSpan NegativeShift = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(SocketRpc.StepSeconds);

    private static readonly TimeSpan MessagePeriod = TimeSpan.FromMinutes(1);

    private readonly ProcessTable _table = new(launcher.Mark);
    private readonly Strays _strays = new(launcher.Mark, log);
    private readonly LogLimit _limit = new(1, MessagePeriod, time);
    private long _measured = time.GetTimestamp();

    /// <summary>Measures until the token says stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var wait = untilNextReading() - NegativeShift;
                await Task.Delay(wait > TimeSpan.Zero ? wait : wait + Step, time, stop);
                TryMeasure();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    /// <summary>Ends everything that still runs of plugins that have ended.</summary>
    public void EndStrays()
    {
        try
        {
            _strays.EndAll(_table);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What has the end of this process pass by is ended by the guard.
            Log.NotMeasured(log, e.Message, 0);
        }
    }

    /// <summary>Measures; what goes wrong costs this measurement, and not the agent.</summary>
    internal void TryMeasure()
    {
        try
        {
            Measure();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (_limit.TryPass(out long leftOut))
            {
                Log.NotMeasured(log, e.Message, leftOut);
            }
        }
    }

    internal void Measure()
    {
        var plugins = supervisor.Supervised;
        var elapsed = time.GetElapsedTime(_measured);
        _measured = time.GetTimestamp();
        var processes = _table.Look();
        var usage = processes.GroupBy(p => p.Run, p => p.Usage).ToDictionary(r => r.Key, r => r.Aggregate((one, other) => one.Plus(other)));
        foreach (var plugin in plugins)
        {
            if (usage.TryGetValue(plugin.Run, out var used))
            {
                plugin.Note(used, elapsed);
            }
        }
        _strays.Sweep(processes, [.. plugins.Select(p => p.Run)]);
        statistics.Publish((time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds, supervisor.Plugins);
    }
}
