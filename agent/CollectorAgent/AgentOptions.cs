using System.Globalization;
using System.Net;
using CollectorAgent.Daemon;
using CollectorAgent.Protocol;
using CollectorAgent.Sampling;

namespace CollectorAgent;

/// <summary>What the command line asks for, checked.</summary>
/// <param name="Paths">Every path the agent uses.</param>
/// <param name="Listen">TCP addresses for readers, beside the Unix socket.</param>
/// <param name="Plugins">Folders of plugins.</param>
/// <param name="RecordVms">Which VMs are recorded.</param>
/// <param name="Tls">Other hosts.</param>
internal sealed record AgentOptions(AgentPaths Paths, IReadOnlyList<IPEndPoint> Listen, IReadOnlyList<string> Plugins, RecordVms RecordVms, TlsOptions Tls)
{
    /// <summary>Names by which readers may ask for this host over TCP, beside its own.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    public const string StandardListen = "127.0.0.1:9780";

    private const string Nowhere = "none";

    // sun_path, with the NUL that ends it.
    private const int MaxSocketPathBytes = 107;

    /// <param name="tls">Makes its part, given the paths.</param>
    /// <exception cref="OptionException">An option has a value that cannot be.</exception>
    public static AgentOptions Create(string? root, IReadOnlyList<string> listen, IReadOnlyList<string> plugins, string? recordVms, Func<AgentPaths, TlsOptions> tls)
    {
        var paths = Resolve(root);
        // The longest of them.
        if (System.Text.Encoding.UTF8.GetByteCount(paths.ForwardedSocket) > MaxSocketPathBytes)
        {
            throw new OptionException($"--root: the socket path {paths.ForwardedSocket} is longer than {MaxSocketPathBytes} bytes, which no Unix socket can have");
        }
        string[] addresses = listen.Count == 0 ? [StandardListen] : [.. listen.Where(l => l != Nowhere)];
        string[] folders = plugins.Count > 0
            ? [.. plugins.Select(Path.GetFullPath)]
            : [.. new[] { paths.ProductPlugins, Path.Combine(AppContext.BaseDirectory, "plugins.d"), paths.VendorPlugins }.Distinct()];
        foreach (string folder in plugins.Where(p => !Directory.Exists(p)))
        {
            throw new OptionException($"--plugins: there is no folder {folder}");
        }
        return new AgentOptions(paths, [.. addresses.Select(a => ParseAddress("--listen", a))], folders, ParseVms(recordVms), tls(paths));
    }

    private static AgentPaths Resolve(string? root)
    {
        try
        {
            return AgentPaths.Resolve(root);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new StartException(e.Message, e);
        }
    }

    private static RecordVms ParseVms(string? value) => value switch
    {
        null or "resident" => RecordVms.Resident,
        "told" => RecordVms.Told,
        _ => throw new OptionException($"--record-vms: '{value}' is neither 'resident' nor 'told'"),
    };

    /// <param name="option">Whose value it is.</param>
    /// <exception cref="OptionException">It is no address.</exception>
    public static IPEndPoint ParseAddress(string option, string address)
    {
        int colon = address.LastIndexOf(':');
        if (colon > 0
            && IPAddress.TryParse(address[..colon].Trim('[', ']'), out var ip)
            && ushort.TryParse(address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return port > 0
                ? new IPEndPoint(ip, port)
                : throw new OptionException($"{option}: '{address}' has no port to connect to; name one from 1 to 65535");
        }
        throw new OptionException($"{option}: '{address}' is no ADDRESS:PORT (such as {StandardListen} or [::1]:9780)");
    }
}
