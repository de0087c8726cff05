namespace CollectorAgent.Http;

/// <summary>The memory that all documents under construction share, however many readers there are.</summary>
/// <remarks>
/// A document has its share from before anything is copied for it until its last byte has been handed to the system. Whoever comes when
/// all is given waits for a moment, in turn, and is refused after that. A document that is larger than everything is made when there is no
/// other one. Documents are made on some of the processors only, a portion of each at a time, so that there is one for the tick and for
/// whoever asks for little.
/// </remarks>
public sealed class DocumentBudget : IDisposable
{
    /// <summary>For documents of recorded values.</summary>
    public const long StandardBytes = 24 << 20;

    /// <summary>For what is asked for to learn how the agent is, and is never to wait for other documents.</summary>
    public const long StatusBytes = 4 << 20;

    /// <summary>So many readers wait; more are refused at once.</summary>
    public const int MaxWaiting = 256;

    /// <summary>How long they wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly long _totalBytes;
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = [];
    private long _inUse;
    private int _documents;
    private long _given;
    private long _refused;
    private long _dropped;

    /// <param name="atOnce">How many documents are worked on at the same moment.</param>
    public DocumentBudget(long totalBytes, int atOnce, TimeProvider time)
    {
        _totalBytes = totalBytes;
        Turns = new SemaphoreSlim(atOnce);
        Time = time;
    }

    private sealed record Waiter(DocumentCost Cost, TaskCompletionSource<DocumentLease> Granted);

    public ReadersReport Report
    {
        get
        {
            lock (_gate)
            {
                return new ReadersReport(_documents, _inUse, _totalBytes, _waiting.Count, _refused, Interlocked.Read(ref _dropped), _given);
            }
        }
    }

    internal TimeProvider Time { get; }

    internal SemaphoreSlim Turns { get; }

    /// <summary>For documents of recorded values: half of the processors.</summary>
    public static DocumentBudget Standard(TimeProvider time) => new(StandardBytes, Math.Max(1, Environment.ProcessorCount / 2), time);

    public void Dispose() => Turns.Dispose();

    /// <summary>Takes a share.</summary>
    /// <returns>Null where there was none in time.</returns>
    /// <exception cref="OperationCanceledException">The reader is gone.</exception>
    internal async ValueTask<DocumentLease?> TakeAsync(DocumentCost cost, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        LinkedListNode<Waiter> place;
        lock (_gate)
        {
            if (_waiting.Count == 0 && Grant(cost) is { } lease)
            {
                return lease;
            }
            if (_waiting.Count >= MaxWaiting)
            {
                _refused++;
                return null;
            }
            place = _waiting.AddLast(new Waiter(cost, new TaskCompletionSource<DocumentLease>(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        try
        {
            return await place.Value.Granted.Task.WaitAsync(Patience, Time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            bool isGone = e is OperationCanceledException;
            if (GiveUp(place, isGone) is { } late)
            {
                if (!isGone)
                {
                    return late;
                }
                late.Dispose();
            }
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    internal void Return(long bytes)
    {
        lock (_gate)
        {
            _inUse -= bytes;
            _documents--;
            Serve();
        }
    }

    internal void CountDropped() => Interlocked.Increment(ref _dropped);

    /// <returns>What was given to it at the last moment.</returns>
    private DocumentLease? GiveUp(LinkedListNode<Waiter> place, bool isGone)
    {
        lock (_gate)
        {
            if (place.List is null)
            {
                return place.Value.Granted.Task.Result;
            }
            _waiting.Remove(place);
            _refused += isGone ? 0 : 1;
            // Those behind it may want less.
            Serve();
            return null;
        }
    }

    private void Serve()
    {
        while (_waiting.First is { } first && Grant(first.Value.Cost) is { } lease)
        {
            _waiting.RemoveFirst();
            first.Value.Granted.SetResult(lease);
        }
    }

    /// <summary>Rows take half of what is left at most, so that there is something for whoever comes next.</summary>
    private DocumentLease? Grant(DocumentCost cost)
    {
        long left = _totalBytes - _inUse;
        if (_documents > 0 && cost.Fixed + cost.Least > left)
        {
            return null;
        }
        long rows = cost.Most;
        while (rows > cost.Least && cost.Fixed + rows > left / 2)
        {
            rows = Math.Max(cost.Least, rows / 2);
        }
        long bytes = cost.Fixed + rows;
        _inUse += bytes;
        _given += bytes;
        _documents++;
        return new DocumentLease(this, bytes, rows);
    }
}
