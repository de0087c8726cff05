using System.Collections.Concurrent;
using CollectorAgent.Rrd;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Store;

/// <summary>All RRDs of this host. They lie in files that are mapped into memory: one file an owner, in <c>rrds</c> below the store's
/// folder. See docs/formats/store.md.</summary>
/// <remarks>What is recorded outlives the process at once, and a power cut from the next <see cref="StoreSync"/> on.</remarks>
public sealed class RrdStore : IDisposable
{
    private readonly ILogger _log;
    private readonly StoreFolder _folder;
    private readonly FormerHistory _former;
    private readonly ConcurrentDictionary<RrdOwner, OwnedRrd> _rrds = [];

    // Files of owners that have left.
    private readonly ConcurrentQueue<string> _removed = [];

    // Whose files can neither be used nor be renamed.
    private readonly HashSet<RrdOwner> _leftAlone = [];

    /// <param name="options">Where its files are.</param>
    /// <exception cref="IOException">The folder cannot be made.</exception>
    public RrdStore(StoreOptions options, ILogger log)
    {
        _log = log;
        _folder = new StoreFolder(Path.Combine(options.Folder, "rrds"), options.Boot ?? BootIdentity.Read(), log);
        _former = new FormerHistory(_folder, options.Archives, options.HostUuid);
    }

    /// <summary>The newest step that any RRD has ended.</summary>
    public long LastStep => _rrds.Values.Select(r => r.Copy(d => d.LastStep)).DefaultIfEmpty(0).Max();

    /// <summary>The newest step that this host's own ticks have recorded: that of the host's RRD, or of most of the others.</summary>
    /// <remarks>Another owner's may be later where its history came from a host whose clock is ahead.</remarks>
    public long LastRecordedStep
    {
        get
        {
            var steps = _rrds.Values.Select(r => (r.Owner, Step: r.Copy(d => d.LastStep))).Where(r => r.Step > 0).ToList();
            var host = steps.Find(s => s.Owner == RrdOwner.Host);
            return host.Step > 0 || steps.Count == 0 ? host.Step : steps.Select(s => s.Step).Order().ElementAt(steps.Count / 2);
        }
    }

    /// <summary>The host, then VMs, then SRs, each by uuid.</summary>
    public IReadOnlyList<OwnedRrd> All => [.. _rrds.Values.OrderBy(r => r.Owner.Kind).ThenBy(r => r.Owner.Uuid, StringComparer.Ordinal)];

    /// <summary>Owners whose history goes on in memory because their files cannot take it.</summary>
    public int InMemory => _folder.InMemory + _leftAlone.Count;

    /// <summary>How many owners there are.</summary>
    public int Count => _rrds.Count;

    public OwnedRrd? Find(RrdOwner owner) => _rrds.GetValueOrDefault(owner);

    /// <summary>The RRD of an owner; a new and empty one where there is none. Its file is made when it has something to hold.</summary>
    public OwnedRrd FindOrCreate(RrdOwner owner, ArchiveLayout layout) =>
        _rrds.GetOrAdd(owner, static (o, c) => c.Store.Create(o, c.Layout), (Store: this, Layout: layout));

    /// <summary>Removes an RRD; whoever still reads a document of it hears that it is gone. Its file goes with <see cref="DeleteRemoved"/>,
    /// or with the next start.</summary>
    /// <exception cref="IOException">Its file cannot be renamed; all is as it was.</exception>
    public void Remove(RrdOwner owner)
    {
        if (_rrds.TryGetValue(owner, out var owned))
        {
            foreach (string file in owned.Remove())
            {
                _removed.Enqueue(file);
                _folder.NoteNewName();
            }
            _rrds.TryRemove(owner, out _);
        }
    }

    /// <summary>Deletes the files of removed RRDs. May wait for the disk.</summary>
    /// <exception cref="IOException">One cannot be deleted; the next start tries again.</exception>
    public void DeleteRemoved()
    {
        lock (_removed)
        {
            while (_removed.TryPeek(out string? file))
            {
                File.Delete(file);
                _removed.TryDequeue(out _);
            }
        }
        _folder.SyncNewNames();
    }

    /// <summary>Opens all files. One that cannot be used is set aside under another name, and its owner goes on with its last archive.
    /// History that lies ahead of what this host has recorded and of its clock is cut there: it comes from another clock.</summary>
    /// <param name="now">The wall clock.</param>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public void Load(DateTimeOffset now)
    {
        foreach (string path in _folder.Files(StoreFolder.UnfinishedSuffix))
        {
            File.Delete(path);
        }
        var recovery = new FileRecovery(_folder, _log);
        var damaged = new List<RrdOwner>();
        foreach (var (owner, path) in Files(StoreFolder.Suffix))
        {
            if (TryUse(owner, path, () => recovery.Open(owner)) == FileUse.SetAside)
            {
                damaged.Add(owner);
            }
        }
        foreach (var (owner, path) in Files(StoreFolder.FormerSuffix).Where(f => !_leftAlone.Contains(f.Owner)))
        {
            // Where there is a new file too, that is whole: the machine stopped before the old one was deleted.
            if (_rrds.ContainsKey(owner) || TryUse(owner, path, () => _former.Take(owner, path)) == FileUse.Opened)
            {
                _rrds[owner].Replace(path);
            }
        }
        long newest = Math.Max(now.ToUnixTimeSeconds() / ArchiveLayout.StandardStepSeconds, LastRecordedStep);
        foreach (var owner in damaged.Where(o => !_rrds.ContainsKey(o) && !_leftAlone.Contains(o)))
        {
            TakeArchive(owner, newest);
        }
        // But not for a step or two: a tick that was killed had recorded some owners, and others not yet.
        foreach (var (owner, owned) in _rrds)
        {
            CutAfter(owner, newest, tolerance: 2);
            lock (owned.Gate)
            {
                owned.Rrd.SplitWideTiles();
            }
        }
    }

    /// <summary>Unmaps all files; no RRD can be touched any more. What was not synced reaches the disk when the system gets to it.</summary>
    public void Dispose()
    {
        foreach (var rrd in _rrds.Values)
        {
            rrd.Close();
        }
        _rrds.Clear();
    }

    private OwnedRrd Create(RrdOwner owner, ArchiveLayout layout)
    {
        var space = new OwnerSpace(_folder, owner) { IsLeftAlone = _leftAlone.Contains(owner) };
        return new OwnedRrd(owner, new RoundRobinDatabase(layout, space), space);
    }

    private IEnumerable<(RrdOwner Owner, string Path)> Files(string suffix)
    {
        foreach (string path in _folder.Files(suffix).ToList())
        {
            if (RrdOwner.Parse(Path.GetFileName(path)[..^suffix.Length]) is { } owner)
            {
                yield return (owner, path);
            }
            else
            {
                Log.ForeignFile(_log, path);
            }
        }
    }

    /// <summary>Opens a file of ours for its owner, or gets it out of the way.</summary>
    private FileUse TryUse(RrdOwner owner, string path, Func<OwnedRrd> open)
    {
        try
        {
            _rrds[owner] = open();
            return FileUse.Opened;
        }
        catch (DamagedFileException e)
        {
            return TrySetAside(path, e.Message) ? FileUse.SetAside : LeaveAlone(owner);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.FileLeftAlone(_log, path, e.Message);
            return LeaveAlone(owner);
        }
    }

    private FileUse LeaveAlone(RrdOwner owner)
    {
        _leftAlone.Add(owner);
        return FileUse.LeftAlone;
    }

    private bool TrySetAside(string path, string reason)
    {
        try
        {
            Log.FileSetAside(_log, path, StoreFolder.SetAside(path), reason);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.FileLeftAlone(_log, path, $"{reason}; and it cannot be renamed: {e.Message}");
            return false;
        }
    }

    private void TakeArchive(RrdOwner owner, long newest)
    {
        string? archive = _former.ArchiveOf(owner);
        if (archive is not null && File.Exists(archive))
        {
            try
            {
                _rrds[owner] = _former.Take(owner, archive);
                Log.ArchiveTaken(_log, owner.FileName, archive);
                CutAfter(owner, newest, tolerance: 0);
                return;
            }
            catch (Exception e) when (e is DamagedFileException or IOException or UnauthorizedAccessException)
            {
                Log.ArchiveUnusable(_log, archive, e.Message);
            }
        }
        Log.StartsAnew(_log, owner.FileName);
    }

    private void CutAfter(RrdOwner owner, long newest, long tolerance)
    {
        var owned = _rrds[owner];
        long ahead = owned.Copy(r => r.LastStep) - newest;
        if (ahead > tolerance && owned.Copy(r => r.CutAfter(newest)))
        {
            Log.CutAtNow(_log, owner.FileName, ahead * ArchiveLayout.StandardStepSeconds);
        }
    }

    private enum FileUse
    {
        Opened,
        SetAside,
        LeftAlone,
    }
}
