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

    private readonly ProcessTable _table = new();
    private readonly Strays _strays = new(launcher, log);
    private long _measured = time.GetTimestamp();
    private int _ends;
    private bool _mayHaveStrays;

    /// <summary>Measures until the token says stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var wait = untilNextReading() - NegativeShift;
                await Task.Delay(wait > TimeSpan.Zero ? wait : wait + Step, time, stop);
                Measure();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    /// <summary>Ends everything that still runs of plugins that have ended.</summary>
    public void EndStrays() => _strays.EndAll();

    internal void Measure()
    {
        var plugins = supervisor.Supervised;
        var elapsed = time.GetElapsedTime(_measured);
        _measured = time.GetTimestamp();
        var usage = _table.Sessions();
        foreach (var plugin in plugins)
        {
            if (usage.TryGetValue(plugin.Session, out var used))
            {
                plugin.Note(used, elapsed);
            }
        }
        int ends = plugins.Sum(p => p.Ends);
        if (ends != _ends || _mayHaveStrays)
        {
            _ends = ends;
            _mayHaveStrays = _strays.Sweep([.. plugins.Select(p => p.Session)]);
        }
        statistics.Publish((time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds, supervisor.Plugins);
    }
}
