using Microsoft.Extensions.Logging;

namespace CollectorAgent.Store;

/// <summary>Brings what is recorded to the disk, round after round: a power cut loses what came after the last one.</summary>
public sealed class StoreSync
{
    /// <summary>From the begin of one round to the begin of the next. What a power cut can lose is this, the length of a round and a step.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly RrdStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    // Of each owner: the begin of the last round that brought it to the disk.
    private readonly Dictionary<RrdOwner, long> _syncedAt = [];
    private readonly Dictionary<RrdOwner, int> _damagedRows = [];
    private readonly long _started;
    private readonly Lock _gate = new();
    private long _oldest;
    private int _failed;
    private long _bytes;
    private TimeSpan _lastDuration;
    private bool _isFailing;

    public StoreSync(RrdStore store, TimeProvider time, ILogger log)
    {
        _store = store;
        _time = time;
        _log = log;
        _started = time.GetTimestamp();
        _oldest = _started;
    }

    public StoreReport Report
    {
        get
        {
            lock (_gate)
            {
                return new StoreReport(_time.GetElapsedTime(_oldest).TotalSeconds, _failed, _store.InMemory, _bytes, _lastDuration.TotalSeconds);
            }
        }
    }

    /// <summary>A round at once, and then one every <see cref="Period"/>, until the token says stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        // Whoever starts it does not wait for the first round.
        await Task.Yield();
        using var timer = new PeriodicTimer(Period, _time);
        try
        {
            do
            {
                Sync();
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // There is one more at the end.
        }
    }

    /// <summary>One round over all owners.</summary>
    /// <returns>How many have something that is not on disk.</returns>
    public int Sync()
    {
        long started = _time.GetTimestamp();
        int failed = 0;
        int behind = 0;
        long bytes = 0;
        long oldest = started;
        var all = _store.All;
        Forget([.. all.Select(o => o.Owner)]);
        foreach (var owned in all)
        {
            long at = _time.GetTimestamp();
            var (isOnDisk, isFailed) = Sync(owned);
            failed += isFailed ? 1 : 0;
            behind += isOnDisk ? 0 : 1;
            bytes += owned.AllocatedBytes;
            long synced = isOnDisk ? at : _syncedAt.GetValueOrDefault(owned.Owner, _started);
            _syncedAt[owned.Owner] = synced;
            oldest = Math.Min(oldest, synced);
            Look(owned);
        }
        failed += DeleteRemoved() ? 0 : 1;
        if (_isFailing && failed == 0)
        {
            Log.SyncWorks(_log);
        }
        _isFailing = failed > 0;
        lock (_gate)
        {
            _oldest = oldest;
            _failed = failed;
            _bytes = bytes;
            _lastDuration = _time.GetElapsedTime(started);
        }
        return behind;
    }

    private bool DeleteRemoved()
    {
        try
        {
            _store.DeleteRemoved();
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
            {
                Log.RemovedStays(_log, e.Message);
            }
            return false;
        }
    }

    /// <summary>Owners that have left are of no concern any more.</summary>
    private void Forget(HashSet<RrdOwner> present)
    {
        foreach (var owner in _syncedAt.Keys.Where(o => !present.Contains(o)).ToList())
        {
            _syncedAt.Remove(owner);
            _damagedRows.Remove(owner);
        }
    }

    private (bool IsOnDisk, bool IsFailed) Sync(OwnedRrd owned)
    {
        try
        {
            return (owned.Sync(), false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
            {
                _isFailing = true;
                Log.SyncFailed(_log, owned.Owner.FileName, e.Message);
            }
            return (false, true);
        }
    }

    /// <summary>Rows are checked when they are read: what came out since the last round is said here.</summary>
    private void Look(OwnedRrd owned)
    {
        int rows = owned.DamagedRows();
        int known = _damagedRows.GetValueOrDefault(owned.Owner);
        if (rows > known)
        {
            Log.RowsDamaged(_log, owned.Owner.FileName, rows - known);
        }
        if (rows != known)
        {
            _damagedRows[owned.Owner] = rows;
        }
    }
}
