namespace CollectorAgent.Sdk;

/// <summary>Says when the next sample is due: when the agent says so, and at the step where none does.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class SampleClock
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(Protocol.SocketRpc.StepSeconds);

    // A reading that is closer than this cannot be met any more.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);

    // An agent that is there may be this late with its notice before the sample is taken without it.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _negativeShift;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();

    // When the next sample is due, by the monotonic clock.
    private long _due;
    private bool _isNoticed;
    private bool _hasAgent;
    private CancellationTokenSource? _wait;

    /// <summary>A sample is taken now, the next a step later.</summary>
    public SampleClock(TimeSpan negativeShift, TimeProvider time)
    {
        _negativeShift = negativeShift;
        _time = time;
        _due = After(Step);
    }

    /// <summary>An agent is there that will send notices.</summary>
    public void Registered(TimeSpan untilReading) => Change(() =>
    {
        _hasAgent = true;
        _due = After(UntilOneThatCanBeMet(untilReading - _negativeShift));
    });

    /// <summary>The agent says that a sample is due.</summary>
    public void Noticed(TimeSpan untilReading) => Change(() =>
    {
        _isNoticed = true;
        _due = After(UntilOneThatCanBeMet(untilReading - _negativeShift));
    });

    /// <summary>There is no agent.</summary>
    public void Lost() => Change(() => _hasAgent = false);

    /// <summary>Waits until the next sample is due; moments that were missed are not made up for.</summary>
    public async Task WaitAsync(CancellationToken stop)
    {
        while (true)
        {
            using var wait = CancellationTokenSource.CreateLinkedTokenSource(stop);
            TimeSpan left;
            lock (_gate)
            {
                left = Left();
                if (_isNoticed || left <= TimeSpan.Zero)
                {
                    _due = _isNoticed ? _due : After(UntilOneThatCanBeMet(_time.GetElapsedTime(_time.GetTimestamp(), _due)));
                    _isNoticed = false;
                    return;
                }
                _wait = wait;
            }
            await Task.Delay(left, _time, wait.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_gate)
            {
                _wait = null;
            }
            stop.ThrowIfCancellationRequested();
        }
    }

    private TimeSpan Left() => _time.GetElapsedTime(_time.GetTimestamp(), _due) + (_hasAgent ? Grace : TimeSpan.Zero);

    private void Change(Action change)
    {
        lock (_gate)
        {
            change();
            // Whoever waits goes on elsewhere, not within this lock.
            _ = _wait?.CancelAsync();
        }
    }

    /// <summary>Skips the readings that are over or too near: they follow each other at the step.</summary>
    private static TimeSpan UntilOneThatCanBeMet(TimeSpan wait) =>
        wait >= ShortestWait ? wait : wait + Math.Ceiling((ShortestWait - wait) / Step) * Step;

    private long After(TimeSpan wait) => _time.GetTimestamp() + (long)(wait.TotalSeconds * _time.TimestampFrequency);
}
