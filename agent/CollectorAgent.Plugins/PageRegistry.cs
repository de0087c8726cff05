using CollectorAgent.Native;
using CollectorAgent.Protocol;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Plugins;

/// <summary>Which sample pages there are, from the folder and from what plugins say.</summary>
/// <remarks>Safe for concurrent use. The sampler is told through two delegates, under the registry's lock, so that it hears things in
/// the order in which they happened.</remarks>
public sealed class PageRegistry
{
    /// <summary>The most pages of plugins that the agent does not run: one of them cannot keep it from reading others.</summary>
    public const int MaxStrangers = 2048;

    // Whoever can write into the folder can make a name after the other.
    private const int MaxMessages = 20;
    private static readonly TimeSpan MessagePeriod = TimeSpan.FromMinutes(1);

    private readonly LogLimit _limit;
    private readonly string _folder;
    private readonly PageGrants _grants;
    private readonly Func<string, SafeFileHandle, PagePermit, bool> _tryAdd;
    private readonly Func<string, bool> _tryRemove;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, PageRegistration> _pages = new(StringComparer.Ordinal);

    // Files that are not to be read: unusable ones, and those whose plugin said farewell but left its page.
    private readonly Dictionary<string, FileStatus> _ignored = [];

    // Who registered ahead of the page, or has it read for as long as a connection lives.
    private readonly Dictionary<string, PeerIdentity?> _expected = [];

    /// <param name="folder">Where the pages are.</param>
    /// <param name="grants">Which of them belong to plugins that the agent runs.</param>
    /// <param name="tryAdd">Takes over an open page; false where it cannot now.</param>
    /// <param name="tryRemove">Is told that a page is no longer read; false where it cannot be told now.</param>
    public PageRegistry(
        string folder,
        PageGrants grants,
        Func<string, SafeFileHandle, PagePermit, bool> tryAdd,
        Func<string, bool> tryRemove,
        TimeProvider time,
        ILogger<PageRegistry> log)
    {
        _limit = new LogLimit(MaxMessages, MessagePeriod, time);
        _folder = folder;
        _grants = grants;
        _tryAdd = tryAdd;
        _tryRemove = tryRemove;
        _log = log;
    }

    /// <summary>The same where fewer fit into what the agent may have open.</summary>
    public int MostStrangers { get; init; } = MaxStrangers;

    public IReadOnlyList<PageRegistration> All
    {
        get
        {
            lock (_gate)
            {
                return [.. _pages.Values];
            }
        }
    }

    /// <summary>Whether this page is read.</summary>
    public bool Contains(string uid)
    {
        lock (_gate)
        {
            return _pages.ContainsKey(uid);
        }
    }

    /// <summary>Has a page read. Registering again changes nothing but who did it, unless the file is another one.</summary>
    /// <exception cref="PluginProtocolException">There is no such page, it is no regular file, it cannot be opened, or it is not the peer's.</exception>
    public void Register(string uid, PeerIdentity? peer)
    {
        lock (_gate)
        {
            CheckName(uid);
            Check(uid, peer);
            CheckFile(uid, peer);
            _ignored.Remove(uid);
            Open(uid, peer);
        }
    }

    /// <summary>Has a page read, now and whenever it comes again, until it is deregistered. It need not be there yet.</summary>
    /// <exception cref="PluginProtocolException">What is there is no regular file, it cannot be opened, or it is not the peer's.</exception>
    public void RegisterAhead(string uid, PeerIdentity? peer)
    {
        lock (_gate)
        {
            CheckName(uid);
            Check(uid, peer);
            if (Path.Exists(Path.Combine(_folder, uid)))
            {
                Register(uid, peer);
            }
            _expected[uid] = peer;
        }
    }

    /// <summary>Whether a peer may take a page over that another one has registered and holds: root and the agent's user may, and the owner
    /// of its file
    /// from anybody else.</summary>
    public bool MayTakeOver(string uid, PeerIdentity? peer, PeerIdentity? holder)
    {
        lock (_gate)
        {
            return peer is { } known && holder is { } other && known.UserId != other.UserId && !other.IsRootOrOwn
                && (known.IsRootOrOwn || _pages.GetValueOrDefault(uid)?.File.UserId == known.UserId);
        }
    }

    /// <summary>Has a page read no longer, though its file may stay. It is no error where it was not.</summary>
    /// <param name="peer">Who says so; null where the kernel does not know.</param>
    /// <exception cref="PluginProtocolException">The page is not the peer's, nor did the peer register it.</exception>
    public void Deregister(string uid, PeerIdentity? peer)
    {
        lock (_gate)
        {
            Check(uid, peer);
            if (!MayRemove(uid, peer))
            {
                throw new PluginProtocolException(
                    $"the page {uid} belongs to user {_pages[uid].File.UserId}; only they and root may deregister it");
            }
            Forget(uid, peer);
            if (_pages.GetValueOrDefault(uid) is { } page)
            {
                _ignored[uid] = page.File;
                Remove(uid);
            }
        }
    }

    /// <summary>Who held a page by a connection is gone: it is read no longer, where the page was theirs.</summary>
    /// <param name="peer">Who that was; null where the kernel does not know.</param>
    public void Release(string uid, PeerIdentity? peer)
    {
        lock (_gate)
        {
            Forget(uid, peer);
            if (_pages.GetValueOrDefault(uid) is { } page && MayRemove(uid, peer))
            {
                _ignored[uid] = page.File;
                Remove(uid);
            }
        }
    }

    /// <summary>A file has appeared in the folder.</summary>
    public void Appeared(string name)
    {
        lock (_gate)
        {
            _ignored.Remove(name);
            OpenIfPage(name);
        }
    }

    /// <summary>A file in the folder has another mode or owner.</summary>
    public void Changed(string name)
    {
        lock (_gate)
        {
            if (!_pages.ContainsKey(name) && !_ignored.ContainsKey(name))
            {
                OpenIfPage(name);
            }
        }
    }

    /// <summary>A file has gone from the folder, or was renamed.</summary>
    public void Vanished(string name)
    {
        lock (_gate)
        {
            _ignored.Remove(name);
            // Another file may have taken its name already.
            if (_pages.ContainsKey(name) && !File.Exists(Path.Combine(_folder, name)))
            {
                Remove(name);
            }
        }
    }

    /// <summary>Compares the whole folder with what is known.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public void Scan()
    {
        lock (_gate)
        {
            var names = Directory.EnumerateFileSystemEntries(_folder).Select(p => Path.GetFileName(p)).ToHashSet();
            foreach (string uid in _pages.Keys.Except(names).ToList())
            {
                Remove(uid);
            }
            foreach (string name in _ignored.Keys.Except(names).ToList())
            {
                _ignored.Remove(name);
            }
            foreach (string name in names)
            {
                OpenIfPage(name);
            }
        }
    }

    /// <summary>A manifest has come, changed or gone: what may be on a page, or whether it may be read at all, is another thing now.</summary>
    public void GrantsChanged()
    {
        lock (_gate)
        {
            foreach (var page in _pages.Values.Where(p => p.Grant != _grants.Find(p.Uid)).ToList())
            {
                Remove(page.Uid);
                OpenIfPage(page.Uid);
            }
            // What the manifests of before did not allow.
            foreach (string name in Directory.Exists(_folder) ? Directory.EnumerateFileSystemEntries(_folder).Select(p => Path.GetFileName(p)) : [])
            {
                if (!_pages.ContainsKey(name))
                {
                    OpenIfPage(name);
                }
            }
        }
    }

    /// <summary>What the folder is not searched for cannot be registered either.</summary>
    private static void CheckName(string uid)
    {
        if (PluginUid.IsOfAgent(uid))
        {
            throw new PluginProtocolException($"the page {uid} is the agent's own");
        }
        if (!PluginUid.IsPageName(uid))
        {
            throw new PluginProtocolException(
                $"{uid} cannot be a page: its name ends with '.tmp' or begins with 'tap-', as files do that are not read");
        }
    }

    /// <summary>Nobody speaks for a file of another user.</summary>
    private void CheckFile(string uid, PeerIdentity? peer)
    {
        if (peer is not { IsRootOrOwn: false } stranger)
        {
            return;
        }
        try
        {
            uint owner = PosixFile.Status(Path.Combine(_folder, uid)).UserId;
            if (owner != stranger.UserId)
            {
                throw new PluginProtocolException($"the page {uid} belongs to user {owner}; only they and root may register it");
            }
        }
        catch (PosixException)
        {
            // There is no file of that name; whoever opens it says so.
        }
    }

    /// <summary>Whether somebody may have a page read no longer that is read now: root and the agent's user, the owner of its file, and who
    /// registered
    /// it. A page that was registered ahead of its file by somebody else than its owner does not belong to them for that.</summary>
    private bool MayRemove(string uid, PeerIdentity? peer) =>
        peer is not { IsRootOrOwn: false } stranger || _pages.GetValueOrDefault(uid) is not { } page || page.File.UserId == stranger.UserId;

    /// <summary>Nobody waits for a page any more, where it was this one who did.</summary>
    private void Forget(string uid, PeerIdentity? peer)
    {
        if (peer is not { IsRootOrOwn: false } stranger
            || _expected.GetValueOrDefault(uid) is not { } expecting
            || expecting.UserId == stranger.UserId)
        {
            _expected.Remove(uid);
        }
    }

    private void Check(string uid, PeerIdentity? peer)
    {
        if (peer is { } known)
        {
            _grants.Check(uid, known);
        }
    }

    private void OpenIfPage(string name)
    {
        if (!PluginUid.IsPageName(name))
        {
            return;
        }
        try
        {
            Open(name, _expected.GetValueOrDefault(name));
        }
        catch (PluginProtocolException e)
        {
            if (_limit.TryPass(out long leftOut))
            {
                Log.PageUnusable(_log, name, e.Message, leftOut);
            }
        }
    }

    private void Open(string uid, PeerIdentity? peer)
    {
        string path = Path.Combine(_folder, uid);
        try
        {
            var named = PosixFile.Status(path);
            if (_ignored.TryGetValue(uid, out var ignored) && IsSame(ignored, named))
            {
                return;
            }
            if (_pages.GetValueOrDefault(uid) is { } known && IsSame(known.File, named))
            {
                _pages[uid] = known with { Peer = peer ?? known.Peer };
                return;
            }
            Open(uid, path, named, peer);
        }
        catch (PosixException e)
        {
            throw new PluginProtocolException(
                e.Errno == PosixException.NoSuchFile
                    ? $"there is no page {path}; create it before you register it"
                    : $"the page {path} cannot be opened: {e.Message}",
                e);
        }
    }

    private void Open(string uid, string path, FileStatus named, PeerIdentity? peer)
    {
        if (named.Kind != FileKind.RegularFile)
        {
            _ignored[uid] = named;
            // The page that had this name is gone, whether that has been heard of or not.
            Remove(uid);
            throw new PluginProtocolException($"the page {path} is no regular file");
        }
        var grant = Grant(uid, named);
        var file = PosixFile.OpenForReading(path);
        // The name may lead to another file by now: what counts is what was opened.
        var opened = PosixFile.Status(file);
        if (opened.Kind != FileKind.RegularFile || opened.UserId != named.UserId || !_tryAdd(uid, file, grant?.Permit ?? PagePermit.Unlimited))
        {
            file.Dispose();
            throw new PluginProtocolException(opened.Kind == FileKind.RegularFile
                ? "too many plugins register at once; try again in a few seconds"
                : $"the page {path} is no regular file");
        }
        _pages[uid] = new PageRegistration(uid, opened, peer, grant);
    }

    /// <summary>Whose a page is, where it may be read at all.</summary>
    private PageGrant? Grant(string uid, FileStatus file)
    {
        if (PluginUid.IsOfAgent(uid))
        {
            _ignored[uid] = file;
            throw new PluginProtocolException($"the page {uid} is the agent's own");
        }
        _grants.Check(uid, file);
        var grant = _grants.Find(uid);
        if (grant is null && _pages.Values.Count(p => p.Grant is null) >= MostStrangers)
        {
            throw new PluginProtocolException($"there are {MostStrangers} pages of plugins that the agent does not run; more are not read");
        }
        return grant;
    }

    private void Remove(string uid)
    {
        if (_pages.ContainsKey(uid) && _tryRemove(uid))
        {
            _pages.Remove(uid);
        }
    }

    private static bool IsSame(FileStatus one, FileStatus other) => one.Inode == other.Inode && one.Device == other.Device;
}
