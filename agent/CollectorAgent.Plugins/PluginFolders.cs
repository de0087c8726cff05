using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>The folders in which plugins lie, each in one of its own, and when something changes there.</summary>
public sealed class PluginFolders(IReadOnlyList<string> roots, TimeProvider time, ILogger<PluginFolders> log) : IDisposable
{
    /// <summary>Changes follow each other while files are copied: this long a silence ends them.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(500);

    // Even where nothing is told: network file systems, and what links lead to.
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    // So that an endless stream of changes does not hide that there are any.
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(1);
    private readonly Dictionary<string, FolderWatch> _watches = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _listed = [];

    /// <summary>The folders of all plugins, those of the first root first. Of a root that cannot be read now those of the last time.</summary>
    public IReadOnlyList<string> List()
    {
        var folders = new List<string>();
        foreach (string root in roots)
        {
            try
            {
                var seen = Directory.EnumerateDirectories(root).Where(f => Path.GetFileName(f)[0] != '.');
                _listed[root] = [.. seen.Order(StringComparer.Ordinal)];
            }
            catch (DirectoryNotFoundException)
            {
                // It may appear later.
                _listed.Remove(root);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.PluginFolderUnreadable(log, root, e.Message);
            }
            folders.AddRange(_listed.GetValueOrDefault(root, []));
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
        foreach (var watch in _watches.Values)
        {
            watch.Dispose();
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
            if (!_watches.TryGetValue(root, out var watch))
            {
                _watches[root] = watch = new FolderWatch(Path.TrimEndingDirectorySeparator(Path.GetFullPath(root)), Note, log);
            }
            watch.Renew();
        }
    }

    private void Note() => _changes.Writer.TryWrite(true);
}
