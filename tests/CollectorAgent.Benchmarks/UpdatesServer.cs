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
    private readonly HttpReader _reader;
    private byte[] _ready = [];

    public UpdatesServer(SampledVms vms, string folder)
    {
        var pages = new PageRegistry(folder, new PageGrants(), (_, _, _) => false, _ => false, vms.Time, NullLogger<PageRegistry>.Instance);
        var endpoints = new ReadEndpoints(
            vms.Store, vms.Sync, vms.Sampler, pages, () => [], new Capabilities(() => [], () => []), () => [], new HostInfo("00000000-0000-0000-0000-000000000000", "0"), DocumentBudget.Standard(vms.Time), vms.Time);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            // As the agent.
            kestrel.Limits.MaxResponseBufferSize = 0;
            kestrel.Listen(IPAddress.Loopback, 0);
        });
        _web = builder.Build();
        _web.Run(context => context.Request.Path == "/ready" ? SendReadyAsync(context) : endpoints.HandleAsync(context));
        _web.Start();
        _reader = new HttpReader(new IPEndPoint(IPAddress.Loopback, new Uri(_web.Urls.Single()).Port), TimeProvider.System);
    }

    /// <summary>How long the first byte of each document took since the last one was prepared, in seconds.</summary>
    public List<double> FirstBytes { get; } = [];

    /// <summary>Fetches a document once, and has its bytes sent from then on where ready-made ones are asked for.</summary>
    /// <returns>Its length.</returns>
    public int Prepare(string path)
    {
        using var memory = new MemoryStream();
        _reader.Get(path, memory);
        _ready = memory.ToArray();
        FirstBytes.Clear();
        return _ready.Length;
    }

    /// <summary>Fetches a document as long as the prepared one and forgets it.</summary>
    public void Fetch(string path)
    {
        Get(path);
        FirstBytes.Add(_reader.FirstByte.TotalSeconds);
    }

    /// <summary>Fetches a document whose rows move on meanwhile, and forgets it.</summary>
    public void FetchAnyLength(string path) => _reader.Get(path);

    public void FetchReady() => Get("/ready");

    public void Dispose()
    {
        _reader.Dispose();
        ((IDisposable)_web).Dispose();
    }

    private void Get(string path)
    {
        long total = _reader.Get(path);
        if (total != _ready.Length)
        {
            throw new InvalidOperationException($"{path}: {total} bytes, not {_ready.Length}");
        }
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
