namespace CollectorAgent.Http;

/// <summary>Gives memory back when readers have left: what they needed is kept for the next ones otherwise, as an agent that is left alone
/// allocates nothing that would have it collected.</summary>
/// <param name="untilNextReading">Collecting holds all threads for some milliseconds, so it is done well between two readings.</param>
public sealed class MemoryReturn(DocumentBudget documents, Func<TimeSpan> untilNextReading, TimeProvider time)
{
    // What is less is not worth it.
    private const long LeastBytes = 12 << 20;

    // No multiple of a step, so that one look in a few comes at a good moment.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(7);

    private static readonly TimeSpan Earliest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(4.5);

    // The arrays that were rented are let go by a later collection, a minute after the first.
    private static readonly TimeSpan UntilSecond = TimeSpan.FromSeconds(70);

    private long _given;
    private long _held;
    private long? _first;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        _held = Held();
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var rest = untilNextReading();
                if (IsIdle() && rest > Earliest && rest < Latest)
                {
                    Look();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The agent stops.
        }
    }

    /// <summary>Whether nobody has read since the last look.</summary>
    private bool IsIdle()
    {
        var report = documents.Report;
        bool isIdle = report is { Documents: 0, Waiting: 0 } && report.GivenBytes == _given;
        _given = report.GivenBytes;
        return isIdle;
    }

    private void Look()
    {
        if (Held() - _held >= LeastBytes)
        {
            _first = time.GetTimestamp();
            Collect();
        }
        else if (_first is { } first && time.GetElapsedTime(first) >= UntilSecond)
        {
            _first = null;
            Collect();
        }
    }

    private void Collect()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        _held = Held();
    }

    /// <summary>What the heap takes of the system, or holds, whichever is more.</summary>
    private static long Held() => Math.Max(GC.GetGCMemoryInfo().TotalCommittedBytes, GC.GetTotalMemory(forceFullCollection: false));
}
