using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>What the agent does beside recording, each by a task of its own: one that fails ends nothing else, and is tried
/// again.</summary>
public sealed class BackgroundTasks(TimeProvider time, ILogger<BackgroundTasks> log)
{
    /// <summary>Before the first new try. Each next one waits twice as long.</summary>
    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(1);

    // Of a task that ran this long it is no longer held against it that it failed before.
    private static readonly TimeSpan GoodRun = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, BackgroundTaskReport> _reports = new(StringComparer.Ordinal);

    /// <summary>How each of them is doing, by name.</summary>
    public IReadOnlyList<BackgroundTaskReport> Reports
    {
        get
        {
            lock (_gate)
            {
                return [.. _reports.Values];
            }
        }
    }

    /// <summary>Runs a task until the token says stop, again and again where it fails.</summary>
    /// <param name="name">What it is called in the log and in <c>/status</c>.</param>
    /// <param name="work">Ends by itself when its token says stop, or when it is done for good. It can be called again after it has
    /// failed.</param>
    public async Task RunAsync(string name, BackgroundWork work, CancellationToken stop)
    {
        // Whoever starts it does not wait for what it does first.
        await Task.Yield();
        Note(new BackgroundTaskReport(name, BackgroundTaskState.Running, 0, "", null));
        var delay = FirstDelay;
        while (true)
        {
            long started = time.GetTimestamp();
            try
            {
                await work(stop);
                Note(name, r => r with { State = BackgroundTaskState.Done });
                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                delay = time.GetElapsedTime(started) >= GoodRun ? FirstDelay : delay;
                Log.TaskFailed(log, name, delay.TotalSeconds, e);
                var failedAt = time.GetUtcNow();
                Note(name, r => r with
                {
                    State = BackgroundTaskState.Waiting,
                    Failures = r.Failures + 1,
                    Reason = e.Message,
                    FailedAt = failedAt,
                });
            }
            if (!await TryWaitAsync(delay, stop))
            {
                return;
            }
            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
            Note(name, r => r with { State = BackgroundTaskState.Running });
        }
    }

    private async Task<bool> TryWaitAsync(TimeSpan delay, CancellationToken stop)
    {
        try
        {
            await Task.Delay(delay, time, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Note(string name, Func<BackgroundTaskReport, BackgroundTaskReport> change)
    {
        lock (_gate)
        {
            _reports[name] = change(_reports[name]);
        }
    }

    private void Note(BackgroundTaskReport report)
    {
        lock (_gate)
        {
            _reports[report.Name] = report;
        }
    }
}
