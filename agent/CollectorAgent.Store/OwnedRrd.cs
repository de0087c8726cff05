using CollectorAgent.Rrd;

namespace CollectorAgent.Store;

/// <summary>The RRD of one owner, and the lock under which it is touched.</summary>
/// <remarks>The tick holds the lock while it updates; a reader only while it copies, never while it writes a document.</remarks>
public sealed class OwnedRrd
{
    private readonly RoundRobinDatabase _rrd;
    private readonly OwnerSpace _space;

    // Held over all of a sync, and always taken before the gate.
    private readonly Lock _syncing = new();

    internal OwnedRrd(RrdOwner owner, RoundRobinDatabase rrd, OwnerSpace space)
    {
        Owner = owner;
        _rrd = rrd;
        _space = space;
    }

    public RrdOwner Owner { get; }

    /// <summary>To be touched only under <see cref="Gate"/>.</summary>
    public RoundRobinDatabase Rrd => _rrd;

    public Lock Gate { get; } = new();

    /// <summary>It has left this host: nothing of it is here, and a new one may take its place.</summary>
    public bool IsGone
    {
        get
        {
            lock (Gate)
            {
                return _rrd.IsEmptied;
            }
        }
    }

    internal OwnerSpace Space => _space;

    /// <summary>Bytes on the disk at the last <see cref="Sync"/>.</summary>
    internal long AllocatedBytes => _space.AllocatedBytes;

    /// <summary>Copies something out of the RRD.</summary>
    public T Copy<T>(Func<RoundRobinDatabase, T> copy)
    {
        lock (Gate)
        {
            return copy(_rrd);
        }
    }

    /// <summary>Brings to the disk what was recorded until now. The gate is held only before and after.</summary>
    /// <returns>False where some of it has no place in the file.</returns>
    /// <exception cref="IOException">It may not be there.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public bool Sync()
    {
        lock (_syncing)
        {
            lock (Gate)
            {
                if (_rrd.IsEmptied || !_space.BeginSync(_rrd))
                {
                    return _rrd.IsEmptied || _space.IsFiled;
                }
            }
            bool isOnDisk = false;
            try
            {
                _space.Flush();
                if (Confirm())
                {
                    _space.Flush();
                }
                isOnDisk = true;
            }
            catch (IOException) when (IsGone)
            {
                return true;
            }
            finally
            {
                lock (Gate)
                {
                    if (!_rrd.IsEmptied)
                    {
                        _space.EndSync(_rrd, isOnDisk);
                    }
                }
            }
            return Copy(rrd => rrd.IsEmptied || _space.IsFiled);
        }
    }

    /// <summary>Empties it and gives its file another name.</summary>
    /// <returns>The files that can be deleted now.</returns>
    /// <exception cref="IOException">The file cannot be renamed; all is as it was.</exception>
    internal IReadOnlyList<string> Remove()
    {
        lock (Gate)
        {
            var left = _space.Leave();
            _rrd.Empty();
            _space.Close();
            return left;
        }
    }

    /// <summary>The file of an older store goes once this one's is on disk.</summary>
    internal void Replace(string path) => _space.Replaced = path;

    /// <summary>Rows that were found damaged.</summary>
    internal int DamagedRows() => Copy(rrd => rrd.Tiles.Sum(t => t.DamagedRows));

    /// <summary>Unmaps it: it cannot be touched any more.</summary>
    internal void Close()
    {
        lock (Gate)
        {
            _space.Close();
        }
    }

    private bool Confirm()
    {
        lock (Gate)
        {
            return _space.Confirm();
        }
    }
}
