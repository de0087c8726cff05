using System.Buffers;
using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc;

/// <summary>Tells connections when to publish: some time before each reading, which they choose.</summary>
/// <remarks>Each wait is counted from the reading to come, so nothing drifts. Where the wall clock was set meanwhile, a notice that would
/// come too early waits again, and one that would come too late is left out. Safe for concurrent use.</remarks>
public sealed class SampleNotices : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(SocketRpc.StepSeconds);

    // Shifts are told apart to this: fewer wakes where every plugin has another one.
    private static readonly TimeSpan Precision = TimeSpan.FromMilliseconds(10);

    // The clocks drift apart by far less while a notice is waited for, unless one was set.
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan TooLate = TimeSpan.FromMilliseconds(-500);

    private readonly Func<TimeSpan> _untilNextReading;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<TimeSpan, Group> _groups = [];

    /// <param name="untilNextReading">Time until the pages are read next, a step at most.</param>
    public SampleNotices(Func<TimeSpan> untilNextReading, TimeProvider time)
    {
        _untilNextReading = untilNextReading;
        _time = time;
        _timer = time.CreateTimer(_ => Send(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal void Add(MessagePackSession session, TimeSpan shift)
    {
        lock (_gate)
        {
            var rounded = Rounded(shift);
            if (!_groups.TryGetValue(rounded, out var group))
            {
                _groups.Add(rounded, group = new Group { Due = _time.GetTimestamp() + Ticks(Next(UntilNotice(rounded), TimeSpan.Zero)) });
            }
            group.Sessions[session] = group.Sessions.GetValueOrDefault(session) + 1;
            Arm();
        }
    }

    internal void Remove(MessagePackSession session, TimeSpan shift)
    {
        lock (_gate)
        {
            var group = _groups[Rounded(shift)];
            if (--group.Sessions[session] == 0)
            {
                group.Sessions.Remove(session);
            }
            if (group.Sessions.Count == 0)
            {
                _groups.Remove(Rounded(shift));
            }
        }
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>Sends what is due and waits for what comes next.</summary>
    private void Send()
    {
        lock (_gate)
        {
            foreach (var (shift, group) in _groups)
            {
                if (_time.GetTimestamp() < group.Due)
                {
                    continue;
                }
                var until = UntilNotice(shift);
                if (until <= Early && until >= TooLate)
                {
                    byte[] notice = Notice(shift + until);
                    foreach (var session in group.Sessions.Keys)
                    {
                        session.Send(notice);
                    }
                }
                group.Due = _time.GetTimestamp() + Ticks(Next(until, Early));
            }
            Arm();
        }
    }

    /// <summary>Time until the nearest moment for a notice: negative where it is over, half a step at most.</summary>
    private TimeSpan UntilNotice(TimeSpan shift)
    {
        var until = _untilNextReading() - shift;
        return until - Step * Math.Round(until / Step);
    }

    /// <summary>Time until the next notice, where the nearest moment for one counts as used up when it is no further ahead than that.</summary>
    private static TimeSpan Next(TimeSpan until, TimeSpan used) => until > used ? until : until + Step;

    private byte[] Notice(TimeSpan untilReading)
    {
        double reading = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch + untilReading).TotalSeconds;
        var notice = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(notice);
        SocketRpc.BeginNotice(writer, SocketRpc.Sample);
        SocketRpc.BeginArguments(writer, 2);
        writer.Write(SocketRpc.ReadingIn);
        writer.Write(untilReading.TotalSeconds);
        writer.Write(SocketRpc.StepEnd);
        // Steps are multiples of their length, and a reading comes soon after the end of one.
        writer.Write((long)Math.Floor(reading / SocketRpc.StepSeconds) * SocketRpc.StepSeconds);
        return notice.WrittenSpan.ToArray();
    }

    private void Arm()
    {
        if (_groups.Count > 0)
        {
            var wait = _time.GetElapsedTime(_time.GetTimestamp(), _groups.Values.Min(g => g.Due));
            _timer.Change(wait > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private long Ticks(TimeSpan span) => (long)(span.TotalSeconds * _time.TimestampFrequency);

    private static TimeSpan Rounded(TimeSpan shift) => Precision * Math.Round(shift / Precision);

    /// <summary>Connections that are told at the same time.</summary>
    private sealed class Group
    {
        /// <summary>By how many shifts of theirs they are in it.</summary>
        public Dictionary<MessagePackSession, int> Sessions { get; } = [];

        /// <summary>When they are told next, by the monotonic clock.</summary>
        public long Due { get; set; }
    }
}
