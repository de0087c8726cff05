using CollectorAgent.Protocol;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Runs the plugins that lie in the plugin folders, for as long as they lie there as they are.</summary>
public sealed class PluginSupervisor
{
    private static readonly TimeSpan GuardDeadline = TimeSpan.FromSeconds(10);

    private readonly AgentPaths _paths;
    private readonly PluginFolders _folders;
    private readonly PluginLauncher _launcher;
    private readonly PageGrants _grants;
    private readonly Action _grantsChanged;
    private readonly int _mostPlugins;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <param name="paths">Where pages are.</param>
    /// <param name="folders">Where plugins lie.</param>
    /// <param name="launcher">Starts them.</param>
    /// <param name="grants">Whose which page is; kept true.</param>
    /// <param name="grantsChanged">Is called when that has changed.</param>
    /// <param name="mostPlugins">So many are run at once.</param>
    public PluginSupervisor(
        AgentPaths paths,
        PluginFolders folders,
        PluginLauncher launcher,
        PageGrants grants,
        Action grantsChanged,
        int mostPlugins,
        TimeProvider time,
        ILogger<PluginSupervisor> log)
    {
        _paths = paths;
        _folders = folders;
        _launcher = launcher;
        _grants = grants;
        _grantsChanged = grantsChanged;
        _mostPlugins = mostPlugins;
        _time = time;
        _log = log;
    }

    /// <summary>All plugins there are, by folder.</summary>
    public IReadOnlyList<PluginRunReport> Plugins
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Values.Select(e => e.Report())];
            }
        }
    }

    /// <summary>Those that can be run.</summary>
    internal IReadOnlyList<SupervisedPlugin> Supervised
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Values.Select(e => e.Plugin).OfType<SupervisedPlugin>()];
            }
        }
    }

    /// <summary>Runs all plugins until the token says stop and all of them have ended.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var work = new List<Task>();
        try
        {
            await GuardedAsync(stop);
            while (true)
            {
                TryScan(work);
                var changed = _folders.ChangedAsync(stop);
                while (!changed.IsCompleted)
                {
                    // A plugin's task ends where it was stopped, or by a bug, which must come out.
                    await await Task.WhenAny([.. work, changed]);
                    work.RemoveAll(t => t.IsCompletedSuccessfully);
                }
                await changed;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            work.AddRange(Entries().Select(Stop));
            await Task.WhenAll(work);
        }
    }

    /// <summary>Waits until nothing that is started can outlive this process.</summary>
    private async Task GuardedAsync(CancellationToken stop)
    {
        try
        {
            await _launcher.IsGuarded.WaitAsync(GuardDeadline, _time, stop);
        }
        catch (TimeoutException)
        {
            // Plugins do without rather than not run at all.
        }
    }

    /// <summary>Starts a plugin anew, whatever it does.</summary>
    /// <exception cref="PluginProtocolException">There is none of that name.</exception>
    public void Restart(string name)
    {
        var plugin = Supervised.FirstOrDefault(p => p.Name == name)
            ?? throw new PluginProtocolException($"there is no plugin called {name} that can be started");
        plugin.Restart();
    }

    /// <summary>Scans; what goes wrong costs this scan, and not the agent.</summary>
    private void TryScan(List<Task> work)
    {
        try
        {
            Scan(work);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.FoldersNotScanned(_log, e.Message);
        }
    }

    /// <summary>Compares the folders with what runs.</summary>
    /// <param name="work">What goes on after it is added.</param>
    private void Scan(List<Task> work)
    {
        bool isChanged = false;
        var present = _folders.List();
        foreach (var gone in Entries().Where(e => !present.Contains(e.Folder)))
        {
            Log.PluginFolderGone(_log, gone.Report().Name, gone.Folder);
            work.Add(LeaveAsync(gone));
            lock (_gate)
            {
                _entries.Remove(gone.Folder);
            }
            isChanged = true;
        }
        foreach (string folder in present)
        {
            isChanged |= Look(folder, work);
        }
        if (isChanged)
        {
            _grantsChanged();
        }
    }

    /// <summary>Starts what lies in a folder, where it is not what runs already.</summary>
    private bool Look(string folder, List<Task> work)
    {
        var known = Entries().FirstOrDefault(e => e.Folder == folder);
        if (known?.Plugin is not null && IsAsItWas(known))
        {
            return false;
        }
        var ended = known is null ? Task.CompletedTask : Stop(known);
        var entry = new Entry(folder);
        try
        {
            var read = PluginFolder.Read(folder);
            entry.Read = read;
            entry.Fingerprint = PluginFingerprint.Of(folder, read);
            if (Supervised.Any(p => p.Name == read.Manifest.Name && p != known?.Plugin))
            {
                throw new PluginProtocolException($"another plugin is called {read.Manifest.Name}");
            }
            if (known?.Plugin is null && Supervised.Count >= _mostPlugins)
            {
                throw new PluginProtocolException(
                    $"there are {_mostPlugins} plugins already, as many as the limit of open files allows; raise it with LimitNOFILE= of systemd or 'ulimit -n'");
            }
            _grants.Add(read.Manifest, PluginLauncher.UserOf(read.Manifest));
            entry.Plugin = new SupervisedPlugin(read, _launcher, _grants, _time, Random.Shared, _log);
            entry.Ended = RunAsync(entry.Plugin, ended, entry.Stop.Token);
            work.Add(entry.Ended);
        }
        // Whatever is wrong with one folder is that plugin's affair.
        catch (Exception e)
        {
            entry.Trouble = e is PluginProtocolException ? e.Message : $"{folder} cannot be read: {e.Message}";
            work.Add(ended);
            if (known?.Trouble != entry.Trouble)
            {
                Log.ManifestWrong(_log, folder, entry.Trouble);
            }
        }
        lock (_gate)
        {
            _entries[folder] = entry;
        }
        return known?.Plugin is not null || entry.Plugin is not null;
    }

    /// <summary>Whether a folder that is in use is unchanged. One that cannot be looked at now goes on as it is.</summary>
    private bool IsAsItWas(Entry known)
    {
        try
        {
            return known.Fingerprint == PluginFingerprint.Of(known.Folder, known.Read);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Log.PluginFolderUnreadable(_log, known.Folder, e.Message);
            return true;
        }
    }

    /// <param name="before">The end of the plugin that lay in the folder before.</param>
    private static async Task RunAsync(SupervisedPlugin plugin, Task before, CancellationToken stop)
    {
        await before;
        await plugin.RunAsync(stop);
    }

    /// <summary>Stops what runs of a folder, and takes it its pages.</summary>
    private async Task Stop(Entry entry)
    {
        if (entry.Plugin is not null)
        {
            _grants.Remove(entry.Plugin.Name);
            await entry.Stop.CancelAsync();
            await entry.Ended;
        }
    }

    /// <summary>Stops the plugin of a folder that is gone, and removes what it has left.</summary>
    private async Task LeaveAsync(Entry entry)
    {
        await Stop(entry);
        foreach (string uid in entry.Plugin?.Pages ?? [])
        {
            try
            {
                File.Delete(_paths.Page(uid));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Log.PageStays(_log, uid, e.Message);
            }
        }
    }

    private List<Entry> Entries()
    {
        lock (_gate)
        {
            return [.. _entries.Values];
        }
    }

    /// <summary>One folder: what was found there, and what runs of it.</summary>
    private sealed class Entry(string folder)
    {
        public string Folder => folder;

        public long Fingerprint { get; set; }

        public PluginFolder? Read { get; set; }

        public string Trouble { get; set; } = "";

        public SupervisedPlugin? Plugin { get; set; }

        public CancellationTokenSource Stop { get; } = new();

        public Task Ended { get; set; } = Task.CompletedTask;

        public PluginRunReport Report() => Plugin?.Report() ?? new PluginRunReport(
            folder, Read?.Manifest.Name ?? Path.GetFileName(folder), PluginRunState.Wrong, Trouble, Read?.Manifest, 0, null, 0, double.NaN, 0, 0);
    }
}
