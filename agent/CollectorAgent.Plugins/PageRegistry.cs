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
    private readonly string _folder;
    private readonly Func<string, SafeFileHandle, bool> _tryAdd;
    private readonly Func<string, bool> _tryRemove;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, PageRegistration> _pages = new(StringComparer.Ordinal);

    // Files that are not to be read: unusable ones, and those whose plugin said farewell but left its page.
    private readonly Dictionary<string, FileStatus> _ignored = [];

    /// <param name="folder">Where the pages are.</param>
    /// <param name="tryAdd">Takes over an open page; false where it cannot now.</param>
    /// <param name="tryRemove">Is told that a page is no longer read; false where it cannot be told now.</param>
    public PageRegistry(string folder, Func<string, SafeFileHandle, bool> tryAdd, Func<string, bool> tryRemove, ILogger<PageRegistry> log)
    {
        _folder = folder;
        _tryAdd = tryAdd;
        _tryRemove = tryRemove;
        _log = log;
    }

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
    /// <exception cref="PluginProtocolException">There is no such page, it is no regular file, or it cannot be opened.</exception>
    public void Register(string uid, PeerIdentity? peer)
    {
        lock (_gate)
        {
            _ignored.Remove(uid);
            Open(uid, peer);
        }
    }

    /// <summary>Has a page read no longer, though its file may stay. It is no error where it was not.</summary>
    public void Deregister(string uid)
    {
        lock (_gate)
        {
            if (_pages.GetValueOrDefault(uid) is { } page)
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

    private void OpenIfPage(string name)
    {
        if (!PluginUid.IsPageName(name))
        {
            return;
        }
        try
        {
            Open(name, null);
        }
        catch (PluginProtocolException e)
        {
            Log.PageUnusable(_log, name, e.Message);
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
            throw new PluginProtocolException($"the page {path} is no regular file");
        }
        var file = PosixFile.OpenForReading(path);
        // The name may lead to another file by now: what counts is what was opened.
        var opened = PosixFile.Status(file);
        if (opened.Kind != FileKind.RegularFile || !_tryAdd(uid, file))
        {
            file.Dispose();
            throw new PluginProtocolException(opened.Kind == FileKind.RegularFile
                ? "too many plugins register at once; try again in a few seconds"
                : $"the page {path} is no regular file");
        }
        _pages[uid] = new PageRegistration(uid, opened, peer);
    }

    private void Remove(string uid)
    {
        if (_tryRemove(uid))
        {
            _pages.Remove(uid);
        }
    }

    private static bool IsSame(FileStatus one, FileStatus other) => one.Inode == other.Inode && one.Device == other.Device;
}
