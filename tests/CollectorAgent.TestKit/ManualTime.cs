namespace CollectorAgent.TestKit;

/// <summary>A clock that a test moves: wall and monotonic time together, or the wall clock alone. It drives timers,
/// <c>Task.Delay</c> and <c>PeriodicTimer</c>.</summary>
public class ManualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _wall = start;
    private long _monotonicTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers wait for their time: a test can wait until the code under test does.</summary>
    public int PendingTimers
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count(t => t.DueTicks is not null);
            }
        }
    }

    /// <summary>How long each timer still waits, the shortest first: by this a test knows what the code under test waits for.</summary>
    public IReadOnlyList<TimeSpan> PendingWaits
    {
        get
        {
            lock (_gate)
            {
                return [.. _timers.Where(t => t.DueTicks is not null).Select(t => TimeSpan.FromTicks(t.DueTicks!.Value - _monotonicTicks)).Order()];
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _wall;
        }
    }

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _monotonicTicks;
        }
    }

    /// <summary>Lets time pass; timers that become due fire in order, on the calling thread.</summary>
    public void Advance(TimeSpan span)
    {
        long until;
        lock (_gate)
        {
            until = _monotonicTicks + span.Ticks;
        }
        while (Next(until) is { } timer)
        {
            timer.Fire();
        }
        MoveTo(until);
    }

    /// <summary>Sets the wall clock; no time passes.</summary>
    public void SetWall(DateTimeOffset wall)
    {
        lock (_gate)
        {
            _wall = wall;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        lock (_gate)
        {
            _timers.Add(timer);
        }
        timer.Change(dueTime, period);
        return timer;
    }

    private void MoveTo(long ticks)
    {
        lock (_gate)
        {
            _wall += TimeSpan.FromTicks(ticks - _monotonicTicks);
            _monotonicTicks = ticks;
        }
    }

    /// <summary>Moves to the next timer that is due until then, and arms it for its next time.</summary>
    private ManualTimer? Next(long until)
    {
        lock (_gate)
        {
            var timer = _timers.Where(t => t.DueTicks <= until).MinBy(t => t.DueTicks);
            if (timer is not null)
            {
                MoveTo(Math.Max(timer.DueTicks!.Value, _monotonicTicks));
                timer.DueTicks = timer.Period > TimeSpan.Zero ? _monotonicTicks + timer.Period.Ticks : null;
            }
            return timer;
        }
    }

    private sealed class ManualTimer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        public long? DueTicks { get; set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._gate)
            {
                DueTicks = dueTime < TimeSpan.Zero ? null : time._monotonicTicks + dueTime.Ticks;
                Period = period;
            }
            return true;
        }

        public void Dispose()
        {
            lock (time._gate)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
