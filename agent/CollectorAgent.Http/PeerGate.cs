using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using CollectorAgent.Plugins;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>Who may read here, and who may bring RRDs. See docs/formats/transfer.md.</summary>
/// <param name="readSecret">The pool's secret as it is now; null where there is none, and then nobody has it.</param>
public sealed class PeerGate(Func<string?> readSecret)
{
    private const string SecretKey = "pool_secret";
    private const string SessionKey = "session_id";

    /// <summary>Over TLS the pool secret is asked for; elsewhere whoever can connect can read.</summary>
    /// <returns>Null where the request may be answered.</returns>
    public PeerRefusal? RefuseRead(HttpContext context) => IsTls(context) ? RefuseStranger(context.Request) : null;

    /// <summary>Over TLS the pool secret is asked for; on the Unix socket the user; over TCP nobody can be known.</summary>
    /// <inheritdoc cref="RefuseRead"/>
    public PeerRefusal? RefuseWrite(HttpContext context)
    {
        if (IsTls(context))
        {
            return RefuseStranger(context.Request);
        }
        var socket = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        return socket?.AddressFamily != AddressFamily.Unix
            ? new PeerRefusal(StatusCodes.Status403Forbidden, "RRDs are taken over TLS and on the Unix socket only.")
            : PeerCredentials.Of(socket).IsRootOrOwn ? null
            : new PeerRefusal(StatusCodes.Status403Forbidden, "RRDs are taken from root and from the agent's own user only.");
    }

    private static bool IsTls(HttpContext context) => context.Features.Get<ITlsHandshakeFeature>() is not null;

    private PeerRefusal? RefuseStranger(HttpRequest request)
    {
        var given = request.Query[SecretKey].Append(request.Cookies[SecretKey]).OfType<string>().ToList();
        if (given.Count > 0)
        {
            return readSecret() is { Length: > 0 } secret && given.Exists(g => IsSame(g, secret))
                ? null
                : new PeerRefusal(StatusCodes.Status401Unauthorized, "This is not the pool secret.");
        }
        bool hasSession = request.Query.ContainsKey(SessionKey) || request.Cookies.ContainsKey(SessionKey);
        return new PeerRefusal(StatusCodes.Status401Unauthorized, hasSession
            ? "This agent knows no sessions: a toolstack checks them. Give the pool secret: the cookie pool_secret."
            : "Give the pool secret: the cookie pool_secret.");
    }

    /// <summary>Takes the same time whatever is the same of them, and however long they are.</summary>
    private static bool IsSame(string given, string secret) => CryptographicOperations.FixedTimeEquals(
        SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
