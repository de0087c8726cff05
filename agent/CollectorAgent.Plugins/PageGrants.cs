using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>Whose the pages are that manifests speak of. Safe for concurrent use.</summary>
public sealed class PageGrants
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, PageGrant> _byUid = [];
    private readonly Dictionary<string, int> _sessions = [];

    /// <summary>Gives a plugin its pages.</summary>
    /// <exception cref="PluginProtocolException">One of them is another plugin's; then it gets none.</exception>
    public void Add(PluginManifest manifest, uint userId)
    {
        lock (_gate)
        {
            foreach (string uid in manifest.Pages)
            {
                if (_byUid.GetValueOrDefault(uid) is { } other && other.Plugin != manifest.Name)
                {
                    throw new PluginProtocolException($"'pages': the page {uid} belongs to the plugin {other.Plugin} already");
                }
            }
            foreach (string uid in manifest.Pages)
            {
                _byUid[uid] = new PageGrant(manifest.Name, manifest.Permit, userId);
            }
        }
    }

    /// <summary>Takes a plugin its pages.</summary>
    public void Remove(string plugin)
    {
        lock (_gate)
        {
            foreach (string uid in _byUid.Where(g => g.Value.Plugin == plugin).Select(g => g.Key).ToList())
            {
                _byUid.Remove(uid);
            }
            _sessions.Remove(plugin);
        }
    }

    /// <param name="session">Of the plugin's processes; 0 where none runs.</param>
    public void SetSession(string plugin, int session)
    {
        lock (_gate)
        {
            _sessions[plugin] = session;
        }
    }

    /// <summary>Whose a page is; null where no manifest speaks of it.</summary>
    public PageGrant? Find(string uid)
    {
        lock (_gate)
        {
            return _byUid.GetValueOrDefault(uid);
        }
    }

    /// <summary>Checks who may speak for a page.</summary>
    /// <exception cref="PluginProtocolException">This one may not.</exception>
    public void Check(string uid, PeerIdentity peer)
    {
        int session = PosixProcess.SessionOf(peer.Pid);
        lock (_gate)
        {
            string? plugin = session == 0 ? null : _sessions.FirstOrDefault(s => s.Value == session).Key;
            var grant = _byUid.GetValueOrDefault(uid);
            if (grant is not null && grant.Plugin != plugin)
            {
                throw new PluginProtocolException($"the page {uid} belongs to the plugin {grant.Plugin}, which the agent runs itself");
            }
            if (grant is null && plugin is not null)
            {
                throw new PluginProtocolException($"the manifest of {plugin} does not list {uid} in 'pages'");
            }
        }
    }

    /// <summary>Checks whose file a page is.</summary>
    /// <exception cref="PluginProtocolException">It is not that of the plugin.</exception>
    public void Check(string uid, FileStatus file)
    {
        lock (_gate)
        {
            if (_byUid.GetValueOrDefault(uid) is { } grant)
            {
                if (grant.UserId != file.UserId)
                {
                    throw new PluginProtocolException(
                        $"its file belongs to user {file.UserId}, but the plugin {grant.Plugin} runs as user {grant.UserId}");
                }
            }
            else if (file.UserId != PosixProcess.UserId && _byUid.Values.FirstOrDefault(g => g.UserId == file.UserId) is { } other)
            {
                throw new PluginProtocolException(
                    $"its file belongs to user {file.UserId}, as whom the plugin {other.Plugin} runs, whose manifest does not list it in 'pages'");
            }
        }
    }
}
