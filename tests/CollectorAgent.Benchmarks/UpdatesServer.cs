using System.Net;
using CollectorAgent.Http;
using CollectorAgent.Plugins;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Benchmarks;

/// <summary>The read endpoints on a port of the loopback device, and beside them bytes that are ready-made.</summary>
internal sealed class UpdatesServer : IDisposable
{
    private const int Portion = 32 << 10;

    private readonly WebApplication _web;
    private readonly HttpClient _client = new();
    private readonly byte[] _buffer = new byte[64 << 10];
    private byte[] _ready = [];

    public UpdatesServer(SampledVms vms, string folder)
    {
        var pages = new PageRegistry(folder, (_, _) => false, _ => false, NullLogger<PageRegistry>.Instance);
        var endpoints = new ReadEndpoints(
            vms.Store, vms.Sampler, pages, new HostInfo("00000000-0000-0000-0000-000000000000", "0"), vms.Time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _web = builder.Build();
        _web.Run(context => context.Request.Path == "/ready" ? SendReadyAsync(context) : endpoints.HandleAsync(context));
        _web.Start();
        _client.BaseAddress = new Uri(_web.Urls.Single());
    }

    /// <summary>Fetches a document once, and has its bytes sent from then on where ready-made ones are asked for.</summary>
    /// <returns>Its length.</returns>
    public int Prepare(string path)
    {
        using var response = _client.Send(new HttpRequestMessage(HttpMethod.Get, path));
        using var memory = new MemoryStream();
        response.EnsureSuccessStatusCode().Content.ReadAsStream().CopyTo(memory);
        _ready = memory.ToArray();
        return _ready.Length;
    }

    /// <summary>Fetches a document as long as the prepared one and forgets it.</summary>
    public void Fetch(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = _client.Send(request, HttpCompletionOption.ResponseHeadersRead);
        using var body = response.Content.ReadAsStream();
        long total = 0;
        for (int count; (count = body.Read(_buffer)) > 0;)
        {
            total += count;
        }
        if (total != _ready.Length)
        {
            throw new InvalidOperationException($"{path}: {total} bytes, not {_ready.Length}");
        }
    }

    public void FetchReady() => Fetch("/ready");

    public void Dispose()
    {
        _client.Dispose();
        ((IDisposable)_web).Dispose();
    }

    /// <summary>In portions, as documents are sent.</summary>
    private async Task SendReadyAsync(HttpContext context)
    {
        context.Response.ContentLength = _ready.Length;
        for (int sent = 0; sent < _ready.Length; sent += Portion)
        {
            var portion = _ready.AsMemory(sent, Math.Min(Portion, _ready.Length - sent));
            await context.Response.BodyWriter.WriteAsync(portion, context.RequestAborted);
        }
    }
}
