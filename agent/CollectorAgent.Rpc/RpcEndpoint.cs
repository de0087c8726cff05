using System.Net;
using System.Net.Sockets;
using System.Text;
using CollectorAgent.Plugins;
using CollectorAgent.Protocol;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CollectorAgent.Rpc;

/// <summary>Answers XML-RPC calls: any POST on the Unix socket. See docs/formats/rpc.md.</summary>
public sealed class RpcEndpoint(MethodTable methods)
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;

    /// <summary>Answers one call; the answer is an envelope, or a page that says why there is none.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        var socket = context.Features.Get<IConnectionSocketFeature>()?.Socket;
        if (socket?.AddressFamily != AddressFamily.Unix)
        {
            await PageAsync(context, StatusCodes.Status403Forbidden, "Calls are taken on the Unix socket only.");
            return;
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = XmlRpc.MaxMessageBytes;
        }
        XmlRpcCall call;
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            body.Position = 0;
            call = XmlRpc.ReadCall(body);
        }
        catch (XmlRpcFormatException e)
        {
            await PageAsync(context, StatusCodes.Status500InternalServerError, "This is no XML-RPC call: " + e.Message);
            return;
        }
        catch (BadHttpRequestException e)
        {
            await PageAsync(context, e.StatusCode, e.Message);
            return;
        }
        if (!methods.Has(call.Method))
        {
            // What callers have always been answered to a method that is not there.
            string text = $"Unknown method {Printable(call.Method)}";
            context.Response.Headers.WWWAuthenticate = $"Basic realm=\"Go away: {text}\"";
            await PageAsync(context, StatusCodes.Status401Unauthorized, text);
            return;
        }
        byte[] answer = XmlRpc.WriteResponse(methods.Call(call, Peer(socket)));
        context.Response.Headers.CacheControl = "no-cache, no-store";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private static PeerIdentity? Peer(Socket socket)
    {
        // struct ucred: pid, uid, gid.
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)];
        return socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials) == credentials.Length
            ? new PeerIdentity(
                BitConverter.ToInt32(credentials), BitConverter.ToUInt32(credentials[4..]), BitConverter.ToUInt32(credentials[8..]))
            : null;
    }

    private static async Task PageAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync($"<html><body><h1>HTTP {status}</h1><p>{WebUtility.HtmlEncode(text)}</p></body></html>\n", Encoding.UTF8);
    }

    /// <summary>Foreign text as it may stand in a header.</summary>
    private static string Printable(string text)
    {
        const int MaxShown = 64;
        return string.Concat(text.Take(MaxShown).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '?'));
    }
}
