using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>The folders in which plugins lie, each in one of its own, and when something changes there.</summary>
public sealed class PluginFolders(IReadOnlyList<string> roots, TimeProvider time, ILogger<PluginFolders> log) : IDisposable
{
    /// <summary>Changes follow each other while files are copied: this long a silence ends them.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(500);

    // Even where nothing is told: network file systems, links, folders that appear later.
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // So that an endless stream of changes does not hide that there are any.
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(1);
    private readonly Dictionary<string, FileSystemWatcher> _watchers = [];

    /// <summary>The folders of all plugins, those of the first root first.</summary>
    public IReadOnlyList<string> List()
    {
        var folders = new List<string>();
        foreach (string root in roots)
        {
            try
            {
                folders.AddRange(Directory.EnumerateDirectories(root).Where(f => Path.GetFileName(f)[0] != '.').Order(StringComparer.Ordinal));
            }
            catch (DirectoryNotFoundException)
            {
                // It may appear later.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.PluginFolderUnreadable(log, root, e.Message);
            }
        }
        return folders;
    }

    /// <summary>Returns when something has changed and everything is quiet again, and once a minute.</summary>
    /// <exception cref="OperationCanceledException">The token said stop.</exception>
    public async Task ChangedAsync(CancellationToken stop)
    {
        Watch();
        if (!await ComesAsync(Period, stop))
        {
            return;
        }
        long since = time.GetTimestamp();
        while (time.GetElapsedTime(since) < LongestSettling && await ComesAsync(Settling, stop))
        {
            // Once more.
        }
    }

    public void Dispose()
    {
        foreach (var watcher in _watchers.Values)
        {
            watcher.Dispose();
        }
    }

    /// <summary>Whether a change comes within this time.</summary>
    private async Task<bool> ComesAsync(TimeSpan within, CancellationToken stop)
    {
        using var deadline = new CancellationTokenSource(within, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stop);
        try
        {
            return await _changes.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return false;
        }
    }

    private void Watch()
    {
        foreach (string root in roots)
        {
            bool isThere = Directory.Exists(root);
            if (_watchers.TryGetValue(root, out var old) && !isThere)
            {
                old.Dispose();
                _watchers.Remove(root);
            }
            else if (old is null && isThere)
            {
                _watchers[root] = Watch(root);
                Note();
            }
        }
    }

    private FileSystemWatcher Watch(string root)
    {
        var watcher = new FileSystemWatcher(root)
        {
            IncludeSubdirectories = true,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Attributes,
        };
        watcher.Created += (_, _) => Note();
        watcher.Changed += (_, _) => Note();
        watcher.Deleted += (_, _) => Note();
        watcher.Renamed += (_, _) => Note();
        watcher.Error += (_, e) =>
        {
            Log.EventsLost(log, root, e.GetException().Message);
            Note();
        };
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    private void Note() => _changes.Writer.TryWrite(true);
}
