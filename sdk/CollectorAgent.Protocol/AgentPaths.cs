namespace CollectorAgent.Protocol;

/// <summary>Where the agent, its plugins and its clients meet. Every path lies under one root.</summary>
/// <param name="Root">An absolute folder; <c>/</c> on a host.</param>
public sealed record AgentPaths(string Root)
{
    /// <summary>Socket for RPC and HTTP.</summary>
    public string Socket => Under("var/lib/xcp/xcp-rrdd");

    /// <summary>Socket on which a toolstack's HTTP front hands its clients' connections over.</summary>
    public string ForwardedSocket => Under("var/lib/xcp/xcp-rrdd.forwarded");

    /// <summary>The second name of <see cref="Socket"/>, which some plugins know.</summary>
    public string SocketAlias => Under("var/xapi/xcp-rrdd");

    /// <summary>Folder of sample pages, one file a plugin.</summary>
    public string Pages => Under("dev/shm/metrics");

    /// <summary>Folder of the live store.</summary>
    public string Store => Under("var/lib/collector-agent");

    /// <summary>What a toolstack has said once.</summary>
    public string ToldSettings => Path.Combine(Store, "toolstack.json");

    /// <summary>The storage stack's program that says how its cache of disks is doing.</summary>
    public string CacheStatistics => Under("opt/xensource/bin/tapdisk-cache-stats");

    /// <summary>Folder of archives, one file a VM, SR or host, named by its uuid.</summary>
    public string Archives => Under("var/lib/xcp/blobs/rrds");

    /// <summary>Folder of the plugins that come with the product.</summary>
    public string ProductPlugins => Under("usr/libexec/collector-agent/plugins.d");

    /// <summary>Folder of the plugins of vendors and administrators.</summary>
    public string VendorPlugins => Under("etc/collector-agent/plugins.d");

    /// <summary>Where the log goes, in the form of NLog; without the file it goes to standard error.</summary>
    public string LogConfiguration => Under("etc/collector-agent/nlog.config");

    /// <summary>The file that names the installation, from which the host's uuid is taken.</summary>
    public string Inventory => Under("etc/xensource-inventory");

    /// <summary>The certificate that other hosts are shown, with its key.</summary>
    public string Certificate => Under("etc/xensource/xapi-pool-tls.pem");

    /// <summary>The secret that all hosts of a pool share.</summary>
    public string PoolSecret => Under("etc/xensource/ptoken");

    /// <summary>Certificates by which other hosts of the pool are known.</summary>
    public string PoolCa => Under("etc/stunnel/xapi-pool-ca-bundle.pem");

    /// <summary>The paths that hold when nobody names a root: the environment's, else <c>/</c> for root, else the user's state folder.</summary>
    /// <param name="root">A root somebody named, relative or absolute; null where nobody did.</param>
    /// <exception cref="ArgumentException">Somebody named an empty one.</exception>
    /// <exception cref="DirectoryNotFoundException">Nobody did, and the user has no home folder.</exception>
    public static AgentPaths Resolve(string? root)
    {
        if (root is not null && string.IsNullOrWhiteSpace(root))
        {
            throw new ArgumentException("the root is empty", nameof(root));
        }
        root ??= Environment.GetEnvironmentVariable(PluginEnvironment.Root);
        if (string.IsNullOrEmpty(root))
        {
            root = Environment.IsPrivilegedProcess
                ? "/"
                : Path.Combine(StateHome(), "collector-agent");
        }
        return new AgentPaths(Path.GetFullPath(root));
    }

    /// <summary>The page of a plugin.</summary>
    public string Page(string uid) => Path.Combine(Pages, uid);

    private static string StateHome()
    {
        // What is relative would mean another place in each folder: it counts as missing.
        string? state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (Path.IsPathRooted(state))
        {
            return state!;
        }
        // Where nobody says what it is, it is said to be the root of the file system.
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.IsPathRooted(home) && home != "/"
            ? Path.Combine(home, ".local", "state")
            : throw new DirectoryNotFoundException("This user has no home folder, so there is no default root. Name one with --root DIR.");
    }

    private string Under(string path) => Path.Combine(Root, path);
}
