using System.Collections.Concurrent;
using CollectorAgent.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Sdk.Tests;

/// <summary>An agent that answers as it is told, over real HTTP on a real Unix socket.</summary>
internal sealed class TinyAgent : IAsyncDisposable
{
    private readonly WebApplication _server;

    private TinyAgent(string socket)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(socket)!);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.ListenUnixSocket(socket));
        _server = builder.Build();
        _server.MapPost("/", HandleAsync);
    }

    /// <summary>What a call is answered with; by default that the next reading is as long as a step away.</summary>
    public Func<XmlRpcCall, XmlRpcValue> Answer { get; set; } = _ => RpcReply.Succeeded(5.0);

    /// <summary>Calls taken, each as its method and its arguments.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public static async Task<TinyAgent> StartAsync(string socket)
    {
        var agent = new TinyAgent(socket);
        await agent._server.StartAsync();
        return agent;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        var call = XmlRpc.ReadCall(body);
        var arguments = (XmlRpcValue.Struct)call.Parameters.Single();
        byte[] answer = XmlRpc.WriteResponse(Answer(call));
        Calls.Enqueue($"{call.Method} {string.Join(' ', arguments.Members.Select(m => $"{m.Key}={m.Value.AsText}"))}");
        await context.Response.Body.WriteAsync(answer, context.RequestAborted);
    }
}
