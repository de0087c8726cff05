namespace CollectorAgent.Http;

/// <summary>Gives memory back when readers have left: what they needed is kept for the next ones otherwise, as an agent that is left alone
/// allocates nothing that would have it collected.</summary>
/// <param name="untilNextReading">Collecting holds all threads for some milliseconds, so it is done well between two readings.</param>
public sealed class MemoryReturn(DocumentBudget documents, Func<TimeSpan> untilNextReading, TimeProvider time)
{
    // No multiple of a step, so that one look in a few comes at a good moment.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(7);

    private static readonly TimeSpan Earliest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Latest = TimeSpan.FromSeconds(4.5);

    // What is less is not worth it.
    private const long LeastBytes = 32 << 20;

    // The arrays that were rented are let go by a later collection, a minute after the first.
    private static readonly TimeSpan UntilSecond = TimeSpan.FromSeconds(70);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, time);
        long seen = 0;
        long collected = 0;
        long? first = null;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                var report = documents.Report;
                bool isIdle = report is { Documents: 0, Waiting: 0 } && report.GivenBytes - seen < LeastBytes;
                seen = report.GivenBytes;
                if (!isIdle || untilNextReading() is var rest && (rest < Earliest || rest > Latest))
                {
                    continue;
                }
                if (seen - collected >= LeastBytes)
                {
                    collected = seen;
                    first = time.GetTimestamp();
                    Collect();
                }
                else if (first is { } earlier && time.GetElapsedTime(earlier) >= UntilSecond)
                {
                    first = null;
                    Collect();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The agent stops.
        }
    }

    private static void Collect() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
