using CollectorAgent.Native;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Tells the registry what happens in the page folder: as it happens, and once a minute in case something was missed.</summary>
public sealed class PageWatcher(string folder, PageRegistry registry, TimeProvider time, ILogger<PageWatcher> log)
{
    private const UnixFileMode FolderMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // Whoever may make pages there may not rename or remove those of others.
    private const UnixFileMode SharedMode = FolderMode | UnixFileMode.StickyBit;

    private static readonly TimeSpan ScanPeriod = TimeSpan.FromMinutes(1);

    private bool _isTold;

    /// <summary>Makes the folder where it is missing: whoever can call the agent can count on it.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void MakeFolder()
    {
        Directory.CreateDirectory(folder, FolderMode);
        AgentGroup.Share(folder, SharedMode);
    }

    /// <summary>Watches until the token says stop. The folder is made where it is missing, also later.</summary>
    /// <exception cref="IOException">The folder cannot be made or read at the start.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(ScanPeriod, time);
        FileSystemWatcher? watcher = null;
        FileStatus watched = default;
        bool isScanned = false;
        try
        {
            do
            {
                try
                {
                    MakeFolder();
                    var present = PosixFile.Status(folder);
                    if (watcher is null || present.Inode != watched.Inode)
                    {
                        watcher?.Dispose();
                        watcher = TryWatch();
                        watched = present;
                    }
                    registry.Scan();
                    isScanned = true;
                }
                catch (Exception e) when (isScanned && e is (IOException or UnauthorizedAccessException))
                {
                    // What was found before is still read.
                    Log.ScanFailed(log, e.Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            watcher?.Dispose();
        }
    }

    /// <returns>Null where this host has no more watches to give; the folder is scanned all the same.</returns>
    private FileSystemWatcher? TryWatch()
    {
        try
        {
            var watcher = Watch();
            _isTold = false;
            return watcher;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_isTold)
            {
                _isTold = true;
                Log.FolderNotWatched(log, folder, e.Message);
            }
            return null;
        }
    }

    private FileSystemWatcher Watch()
    {
        var watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName | NotifyFilters.Attributes };
        watcher.Created += (_, e) => Tell(() => registry.Appeared(e.Name!));
        // Its mode or owner: it may be one to read now.
        watcher.Changed += (_, e) => Tell(() => registry.Changed(e.Name!));
        watcher.Deleted += (_, e) => Tell(() => registry.Vanished(e.Name!));
        watcher.Renamed += (_, e) => Tell(() =>
        {
            registry.Vanished(e.OldName!);
            registry.Appeared(e.Name!);
        });
        watcher.Error += (_, e) =>
        {
            Log.EventsLost(log, folder, e.GetException().Message);
            Tell(registry.Scan);
        };
        watcher.EnableRaisingEvents = true;
        return watcher;
    }

    /// <summary>Nobody is above an event: what fails here would end the process. The next scan makes up for it.</summary>
    private void Tell(Action happened)
    {
        try
        {
            happened();
        }
        catch (Exception e)
        {
            Log.ScanFailed(log, e.Message);
        }
    }
}
