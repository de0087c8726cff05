using CollectorAgent.Native;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Tells when something changes in a folder and below, and when the folder itself comes, goes or is replaced.</summary>
/// <param name="folder">It need not be there.</param>
/// <param name="changed">Is called then, on any thread.</param>
internal sealed class FolderWatch(string folder, Action changed, ILogger log) : IDisposable
{
    private const NotifyFilters Everything =
        NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Attributes;

    private FileSystemWatcher? _content;
    private FileSystemWatcher? _way;
    private (string Path, ulong Device, ulong Inode)? _watchedContent;
    private (string Path, ulong Device, ulong Inode)? _watchedWay;
    private string _trouble = "";

    /// <summary>Watches what is there now. To be called after each change.</summary>
    public void Renew()
    {
        try
        {
            // What comes while it is being set up is found the second time round.
            while (RenewContent() | RenewWay())
            {
                changed();
            }
            _trouble = "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            if (_trouble != e.Message)
            {
                _trouble = e.Message;
                Log.FolderNotWatched(log, folder, e.Message);
            }
        }
    }

    public void Dispose()
    {
        _content?.Dispose();
        _way?.Dispose();
    }

    private bool RenewContent()
    {
        var present = Identity(folder);
        if (present == _watchedContent)
        {
            return false;
        }
        _content?.Dispose();
        _content = null;
        _watchedContent = null;
        if (present is null)
        {
            return false;
        }
        _content = Watch(folder, Everything, isDeep: true);
        _watchedContent = present;
        return true;
    }

    /// <summary>Watches the nearest folder above that is there for what leads to this one.</summary>
    private bool RenewWay()
    {
        string? way = Path.GetDirectoryName(folder);
        while (way is not null && Identity(way) is null)
        {
            way = Path.GetDirectoryName(way);
        }
        var present = way is null ? null : Identity(way);
        if (present == _watchedWay)
        {
            return false;
        }
        _way?.Dispose();
        _way = null;
        _watchedWay = null;
        if (way is null)
        {
            return false;
        }
        string next = folder[(way.TrimEnd('/').Length + 1)..].Split('/')[0];
        _way = Watch(way, NotifyFilters.DirectoryName | NotifyFilters.FileName, isDeep: false, next);
        _watchedWay = present;
        return true;
    }

    private FileSystemWatcher Watch(string path, NotifyFilters what, bool isDeep, string? name = null)
    {
        var watcher = new FileSystemWatcher(path) { IncludeSubdirectories = isDeep, NotifyFilter = what };
        try
        {
            watcher.Created += (_, e) => Note(e.Name);
            watcher.Changed += (_, e) => Note(e.Name);
            watcher.Deleted += (_, e) => Note(e.Name);
            watcher.Renamed += (_, e) =>
            {
                Note(e.OldName);
                Note(e.Name);
            };
            watcher.Error += (_, e) =>
            {
                Log.EventsLost(log, path, e.GetException().Message);
                changed();
            };
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch
        {
            watcher.Dispose();
            throw;
        }

        void Note(string? changedName)
        {
            if (name is null || changedName == name)
            {
                changed();
            }
        }
    }

    /// <summary>Which folder lies at a path, wherever links lead; null where none does.</summary>
    private static (string Path, ulong Device, ulong Inode)? Identity(string path)
    {
        try
        {
            var status = PosixFile.Status(PosixFile.RealPath(path));
            return status.Kind == FileKind.Folder ? (path, status.Device, status.Inode) : null;
        }
        catch (PosixException)
        {
            return null;
        }
    }
}
