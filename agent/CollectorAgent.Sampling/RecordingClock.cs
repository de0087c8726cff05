namespace CollectorAgent.Sampling;

/// <summary>Decides which step a tick ends, whatever the wall clock does.</summary>
/// <remarks>
/// Steps are multiples of their length since the epoch, and a tick comes <see cref="TickDelay"/> after each. The monotonic clock
/// tells when the wall clock was set. Forward: the steps between stay unknown. Backward by a step or two: ticks are skipped until
/// the newest recorded step is passed. Further back: recorded time runs ahead of the wall clock by whole steps, so that recording
/// continues at the first step after the newest recorded one; each tick takes back as much of that as the wall clock allows.
/// </remarks>
public sealed class RecordingClock
{
    /// <summary>How long after the end of a step the pages are read.</summary>
    public static readonly TimeSpan TickDelay = TimeSpan.FromSeconds(2);

    // Between two ticks the clocks drift apart by far less, unless one was set.
    private static readonly TimeSpan JumpThreshold = TimeSpan.FromSeconds(1);

    // Going back this far is waited for.
    private const long StepsToWait = 2;

    private readonly TimeProvider _time;
    private readonly int _stepSeconds;
    private long _lastTimestamp;
    private double _lastWall = double.NaN;
    private long _aheadSeconds;

    /// <param name="lastStep">The newest step that the ticks of this host recorded before; 0 where there is none.</param>
    public RecordingClock(TimeProvider time, int stepSeconds, long lastStep)
    {
        _time = time;
        _stepSeconds = stepSeconds;
        LastStep = lastStep;
    }

    /// <summary>The newest step that a tick has ended.</summary>
    public long LastStep { get; private set; }

    /// <summary>Recorded time less wall time: 0, unless the wall clock was set far back and has not caught up yet.</summary>
    public long AheadSeconds => Volatile.Read(ref _aheadSeconds);

    /// <summary>The wall clock, in Unix seconds.</summary>
    public double Wall => (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;

    /// <summary>Time until the next tick is due, by the wall clock: more than zero, a step at most.</summary>
    public TimeSpan UntilNextTick
    {
        get
        {
            double phase = (Wall - TickDelay.TotalSeconds) % _stepSeconds;
            return TimeSpan.FromSeconds(_stepSeconds - phase);
        }
    }

    /// <summary>The newest step that may hold anything: one that a tick has ended, or that is over by the wall clock.</summary>
    public long NewestStep => Math.Max(LastStep, WallStep(Wall));

    /// <summary>Starts a tick.</summary>
    /// <returns>The step it ends; how many steps before it have had no tick; how far the wall clock was set, or zero; whether recorded
    /// time moved against the wall clock, so that no interval leads over this moment.</returns>
    public RecordingTick Tick()
    {
        double wall = Wall;
        long timestamp = _time.GetTimestamp();
        var jump = TimeSpan.Zero;
        if (!double.IsNaN(_lastWall))
        {
            var difference = TimeSpan.FromSeconds(wall - _lastWall) - _time.GetElapsedTime(_lastTimestamp, timestamp);
            jump = difference.Duration() > JumpThreshold ? difference : TimeSpan.Zero;
        }
        bool isFirst = double.IsNaN(_lastWall);
        _lastWall = wall;
        _lastTimestamp = timestamp;

        long before = AheadSeconds / _stepSeconds;
        long wallStep = WallStep(wall);
        long behind = LastStep + 1 - wallStep;
        long ahead = !isFirst && jump == TimeSpan.Zero ? Math.Clamp(behind, 0, before) : behind > StepsToWait ? behind : 0;
        Volatile.Write(ref _aheadSeconds, ahead * _stepSeconds);
        long step = wallStep + ahead;
        bool isMoved = ahead != before || jump != TimeSpan.Zero;
        if (step <= LastStep)
        {
            return new RecordingTick(null, 0, jump, isMoved);
        }
        long missed = isFirst || isMoved ? 0 : step - LastStep - 1;
        LastStep = step;
        return new RecordingTick(step, missed, jump, isMoved);
    }

    private long WallStep(double wall) => (long)Math.Floor((wall - TickDelay.TotalSeconds) / _stepSeconds);
}
