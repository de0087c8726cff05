using NLog;
using NLog.Common;
using NLog.Targets;
using NLog.Targets.Wrappers;

namespace CollectorAgent.Daemon;

/// <summary>Counts the lines that a target loses, and says how many they were with the next line that it takes.</summary>
/// <param name="notice">Makes a message of how many lines were lost.</param>
/// <param name="failed">Is told why when the target begins to fail.</param>
internal sealed class CountedTarget(Target target, Func<long, LogEventInfo> notice, Action<Exception> failed) : WrapperTargetBase
{
    private bool _isFailing;
    private long _unsaid;
    private long _lost;

    /// <summary>How many lines nobody can read there.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    public void Lose()
    {
        Interlocked.Increment(ref _lost);
        Interlocked.Increment(ref _unsaid);
    }

    protected override void InitializeTarget()
    {
        WrappedTarget = target;
        base.InitializeTarget();
    }

    protected override void Write(AsyncLogEventInfo logEvent) => target.WriteAsyncLogEvent(logEvent.LogEvent.WithContinuation(failure =>
    {
        if (failure is null)
        {
            SayLost();
        }
        else
        {
            Lose();
            if (!_isFailing)
            {
                failed(failure);
            }
        }
        _isFailing = failure is not null;
        logEvent.Continuation(null);
    }));

    private void SayLost()
    {
        long count = Interlocked.Exchange(ref _unsaid, 0);
        if (count > 0)
        {
            target.WriteAsyncLogEvent(notice(count).WithContinuation(failure => Interlocked.Add(ref _unsaid, failure is null ? 0 : count)));
        }
    }
}
