using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>Keeps web pages of strangers, which an administrator's browser opens, from reading the addresses without a secret.</summary>
/// <remarks>A page can have its own name lead to any address: then the browser says that name as the host. Documents of recorded values may
/// be read by every page that knows the address, as those of agents before this one; all else by no page but the agent's own.</remarks>
/// <param name="names">How this host may be called.</param>
public sealed class StrangerGate(OwnNames names, RefusalLog log)
{
    private const int MaxShown = 80;

    /// <returns>Null where the request may be answered.</returns>
    public PeerRefusal? Refuse(HttpContext context)
    {
        if (!IsOpen(context))
        {
            return null;
        }
        var host = context.Request.Host;
        if (host.HasValue && !names.Has(host.Host))
        {
            return Refuse(
                $"This agent is not called {Shown(host.Host)}. Use an IP address or the name of this host, or start it with --allow-host.");
        }
        string? origin = context.Request.Headers.Origin.LastOrDefault();
        return string.IsNullOrEmpty(origin) || ReadEndpoints.IsForAll(context.Request.Path) || IsSame(origin, host)
            ? null
            : Refuse($"Web pages of {Shown(origin)} cannot read this: only documents of recorded values are for all.");
    }

    /// <summary>Whether nothing is known of who asks: over TCP, and not over TLS, where a secret is asked for.</summary>
    private static bool IsOpen(HttpContext context) =>
        context.Features.Get<ITlsHandshakeFeature>() is null
        && context.Features.Get<IConnectionSocketFeature>()?.Socket.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6;

    private static bool IsSame(string origin, HostString host) => origin.Equals($"http://{host.Value}", StringComparison.OrdinalIgnoreCase);

    private static string Shown(string text) =>
        string.Concat(text.Take(MaxShown).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '/' or '[' or ']' ? c : '?'));

    private PeerRefusal Refuse(string sentence)
    {
        log.Say(sentence);
        return new PeerRefusal(StatusCodes.Status403Forbidden, sentence);
    }
}
