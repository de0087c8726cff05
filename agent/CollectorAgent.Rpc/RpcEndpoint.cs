using System.Net;
using System.Net.Sockets;
using System.Text;
using CollectorAgent.Plugins;
using CollectorAgent.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CollectorAgent.Rpc;

/// <summary>Answers XML-RPC calls: any POST on the Unix socket. See docs/formats/rpc.md.</summary>
public sealed class RpcEndpoint(MethodTable methods, ToolstackMethods toolstack)
{
    // A body that is too long is read all the same up to here, so that a client that sends before it listens hears why.
    private const long MostDrainedBytes = 16 << 20;

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
            limit.MaxRequestBodySize = MostDrainedBytes;
        }
        XmlRpcCall call;
        try
        {
            if (await ReadAsync(context) is not { } body)
            {
                await PageAsync(context, StatusCodes.Status413PayloadTooLarge, $"A call has at most {XmlRpc.MaxMessageBytes} bytes.");
                return;
            }
            call = XmlRpc.ReadCall(new MemoryStream(body));
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
        catch (IOException e) when (e is not ConnectionResetException)
        {
            await PageAsync(context, StatusCodes.Status400BadRequest, "The call cannot be read: its chunks are malformed.");
            return;
        }
        if (!methods.Has(call.Method) && !toolstack.Has(call.Method))
        {
            // What callers have always been answered to a method that is not there.
            string text = $"Unknown method {Printable(call.Method)}";
            context.Response.Headers.WWWAuthenticate = $"Basic realm=\"Go away: {text}\"";
            await PageAsync(context, StatusCodes.Status401Unauthorized, text);
            return;
        }
        byte[] answer = XmlRpc.WriteResponse(await CallAsync(call, PeerCredentials.Of(socket), context.RequestAborted));
        context.Response.Headers.CacheControl = "no-cache, no-store";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }

    private async Task<XmlRpcValue> CallAsync(XmlRpcCall call, PeerIdentity? peer, CancellationToken cancellationToken)
    {
        if (!toolstack.Has(call.Method))
        {
            return methods.Call(call, peer);
        }
        try
        {
            return RpcReply.Succeeded(await toolstack.CallAsync(call, peer, cancellationToken));
        }
        catch (RpcRequestException e)
        {
            return RpcReply.Failed(e.Variant, e.Message);
        }
    }

    /// <summary>The body; null where it is too long.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        byte[] portion = new byte[16 << 10];
        long total = 0;
        int count;
        while ((count = await context.Request.Body.ReadAsync(portion, context.RequestAborted)) > 0)
        {
            total += count;
            if (total <= XmlRpc.MaxMessageBytes)
            {
                body.Write(portion, 0, count);
            }
        }
        return total <= XmlRpc.MaxMessageBytes ? body.ToArray() : null;
    }

    private static async Task PageAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync($"<html><body><h1>HTTP {status}</h1><p>{WebUtility.HtmlEncode(text)}</p></body></html>\n", Encoding.UTF8);
    }

    /// <summary>Foreign text as it may stand in a header or a line of the log.</summary>
    internal static string Printable(string text)
    {
        const int MaxShown = 64;
        return string.Concat(text.Take(MaxShown).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '?'));
    }
}
