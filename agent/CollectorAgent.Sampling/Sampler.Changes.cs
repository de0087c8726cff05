using System.Threading.Channels;
using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <content>What others change in RRDs between two ticks.</content>
public sealed partial class Sampler
{
    /// <summary>History that a tick copies at most where it takes several tiles: about 20 ms.</summary>
    private const long MaxCellsPerTick = 1 << 20;

    /// <summary>History that a change between two ticks copies at most where it takes several tiles: a join works on each cell for longer.
    /// </summary>
    private const long MaxCellsPerChange = 1 << 17;

    /// <summary>Owners that a tick looks at for columns of which nothing is known any more.</summary>
    private const int OwnersToRetire = 16;

    // Whoever tells of one waits until there is room.
    private readonly Channel<Action> _changes = Channel.CreateBounded<Action>(MaxPendingCommands);
    private readonly AutoResetEvent _hasChanges = new(false);

    // Whom to look at next for columns of which nothing is known any more.
    private readonly Queue<OwnedRrd> _retiring = [];

    private long _changesDone;

    /// <summary>Changes the RRD of an owner between two ticks.</summary>
    /// <param name="change">Takes the RRD; a new one where there is none. Is quick: a tick may wait for it.</param>
    /// <returns>What was changed; it is not on disk yet. What the change throws is thrown here.</returns>
    public Task<OwnedRrd> ChangeAsync(RrdOwner owner, Action<RoundRobinDatabase> change) => DoAsync(() =>
    {
        bool isNew = _store.Find(owner) is null;
        var owned = _store.FindOrCreate(owner, RouteFinder.LayoutOf(owner, _finder.WithMinMax));
        Recheck(owner);
        _finder.Departures.Remove(owner);
        try
        {
            lock (owned.Gate)
            {
                change(owned.Rrd);
            }
        }
        catch when (isNew)
        {
            _store.Remove(owner);
            throw;
        }
        return owned;
    });

    /// <summary>Joins the history of an owner between ticks, in as many changes as it takes for none to be long.</summary>
    /// <exception cref="ArgumentException">It cannot be joined; all is as it was.</exception>
    public async Task<OwnedRrd> JoinAsync(RrdOwner owner, RoundRobinDatabase archive)
    {
        var joined = new HashSet<string>(StringComparer.Ordinal);
        bool isDone = false;
        while (true)
        {
            var owned = await ChangeAsync(owner, rrd => isDone = rrd.Join(archive, joined, MaxCellsPerChange));
            if (isDone)
            {
                return owned;
            }
        }
    }

    /// <summary>Removes data sources of an owner with their history, in as many changes as it takes for none to be long; the owner too, where
    /// nothing is left of it and nobody reports it.</summary>
    /// <returns>How many went.</returns>
    /// <exception cref="IOException">The owner's file cannot be removed.</exception>
    public async Task<int> ForgetAsync(RrdOwner owner, Func<string, bool> matches)
    {
        int removed = 0;
        bool isDone = false;
        while (!isDone)
        {
            if (_store.Find(owner) is null)
            {
                break;
            }
            var owned = await ChangeAsync(owner, rrd =>
            {
                (int part, isDone) = rrd.Remove(matches, MaxCellsPerChange);
                removed += part;
            });
            if (isDone && owned.Copy(r => r.Tiles.Count) == 0)
            {
                await RemoveUnreportedAsync(owner);
            }
        }
        _store.DeleteRemoved();
        return removed;
    }

    /// <summary>Removes the RRD of an owner between two ticks, unless something became known since a moment.</summary>
    /// <param name="sinceStep">The newest step at that moment; null where it is removed in any case.</param>
    /// <returns>False where something became known.</returns>
    /// <exception cref="IOException">Its file cannot be removed; all is as it was.</exception>
    public Task<bool> RemoveAsync(RrdOwner owner, long? sinceStep) => DoAsync(() =>
    {
        if (sinceStep is { } step && _store.Find(owner) is { } owned && owned.Copy(r => r.KnowsSomethingSince(step)))
        {
            return false;
        }
        Remove(owner);
        return true;
    });

    /// <summary>Removes the RRD of an owner between two ticks, unless a plugin reports it.</summary>
    /// <returns>False where one does.</returns>
    /// <exception cref="IOException">Its file cannot be removed; all is as it was.</exception>
    public Task<bool> RemoveUnreportedAsync(RrdOwner owner) => DoAsync(() =>
    {
        if (_sampled.Any(p => p.Reports(owner)))
        {
            return false;
        }
        Remove(owner);
        return true;
    });

    /// <summary>From now on, whether new RRDs of VMs and SRs keep minima and maxima as well.</summary>
    public Task KeepMinMaxAsync(bool value) => DoAsync(() => _finder.WithMinMax = value);

    /// <summary>Does what others have asked for between two ticks.</summary>
    public void Change()
    {
        while (ChangeOne())
        {
        }
    }

    /// <summary>Looks after a tick for columns of which nothing is known any more, at a few owners.</summary>
    public void RetireUnknown()
    {
        for (int i = 0; i < OwnersToRetire; i++)
        {
            if (_retiring.Count == 0)
            {
                _store.All.ToList().ForEach(_retiring.Enqueue);
            }
            if (!_retiring.TryDequeue(out var owned) || TryRetireUnknown(owned))
            {
                return;
            }
        }
    }

    private bool ChangeOne()
    {
        if (!_changes.Reader.TryRead(out var change))
        {
            return false;
        }
        change();
        lock (_gate)
        {
            _changesDone++;
        }
        if (_changes.Reader.Count > 0)
        {
            // A tick comes first where it is due.
            _hasChanges.Set();
        }
        return true;
    }

    private async Task<T> DoAsync<T>(Func<T> change)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _changes.Writer.WriteAsync(() =>
            {
                try
                {
                    done.SetResult(change());
                }
                catch (Exception e)
                {
                    // Whoever asked for it decides what follows; the ticks go on.
                    done.SetException(e);
                }
            });
        }
        catch (ChannelClosedException)
        {
            throw new OperationCanceledException("the agent is stopping");
        }
        _hasChanges.Set();
        return await done.Task;
    }

    private void Remove(RrdOwner owner)
    {
        Recheck(owner);
        _finder.Departures.Add(owner, _sampled.Where(p => p.Reports(owner)).Select(p => p.Uid));
        _store.Remove(owner);
    }

    private void Recheck(RrdOwner owner)
    {
        foreach (var plugin in _sampled)
        {
            plugin.Recheck(owner);
        }
    }

    /// <returns>Whether something was done that takes a while.</returns>
    private bool TryRetireUnknown(OwnedRrd owned)
    {
        try
        {
            lock (owned.Gate)
            {
                bool isChanged = owned.Rrd.RetireUnknown(_clock.LastStep);
                if (isChanged && owned.Rrd.Tiles.Count == 0)
                {
                    _store.Remove(owned.Owner);
                }
                return isChanged;
            }
        }
        catch (Exception e)
        {
            // Like a change between ticks: nothing else depends on it.
            Log.RetiringFailed(_log, owned.Owner.FileName, e);
            return true;
        }
    }
}
