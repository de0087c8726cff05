using System.Net.Sockets;
using CollectorAgent.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Forwarding.Tests;

/// <summary>A real server that listens for forwarded connections only, and answers with what it was asked.</summary>
public sealed class ForwardingRig : IAsyncLifetime
{
    public const string LargePath = "/large";
    public const int LargeBytes = 8 << 20;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-fwd-");
    private readonly RecordedLog _log = new();
    private WebApplication? _web;

    public string SocketPath => Path.Combine(_folder.FullName, "forwarded");

    public ManualTime Time { get; } = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));

    /// <summary>All that was logged, by anybody, from warnings on.</summary>
    public IReadOnlyCollection<string> Lines => _log.Lines;

    /// <summary>What is done with PUT /rrd.</summary>
    public Func<ForwardedRequest, Stream, CancellationToken, Task> Put { get; set; } = (_, _, _) => Task.CompletedTask;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddProvider(_log);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(new ForwardedEndPoint(SocketPath)));
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => new ForwardedTransport(
            (request, body, token) => Put(request, body, token), Time, services.GetRequiredService<ILogger<ForwardedTransport>>()));
        _web = builder.Build();
        _web.Use(ForwardedRequests.RestoreAsync);
        _web.Run(AnswerAsync);
        await _web.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        _folder.Delete(recursive: true);
    }

    public async Task StopAsync()
    {
        if (_web is not null)
        {
            await _web.StopAsync().WaitAsync(TimeSpan.FromSeconds(20));
            await _web.DisposeAsync();
            _web = null;
        }
    }

    internal Task<FrontReport> HandOverAsync(Front front) => front.HandOverAsync(SocketPath);

    /// <summary>A front that has nothing to say yet.</summary>
    internal async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath));
        return socket;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (context.Request.Path == LargePath)
        {
            await context.Response.WriteAsync(new string('x', LargeBytes), context.RequestAborted);
            return;
        }
        using var body = new StreamReader(context.Request.Body);
        string query = string.Join(' ', context.Request.Query.Select(q => $"{q.Key}={string.Join(',', q.Value.ToArray())}"));
        string headers = string.Join(' ', context.Request.Headers.OrderBy(h => h.Key).Select(h => $"{h.Key}={h.Value}"));
        string socket = context.Features.Get<IConnectionSocketFeature>() is null ? "no socket" : "a socket";
        await context.Response.WriteAsync(
            $"{context.Request.Method}|{context.Request.Path.Value}|{query}|{headers}|{await body.ReadToEndAsync()}|{socket}");
    }
}
