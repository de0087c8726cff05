using System.Collections.Concurrent;
using CollectorAgent.Hooks;
using CollectorAgent.Plugins;
using CollectorAgent.Protocol;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Rpc.Tests;

/// <summary>The endpoints behind a real server on a Unix socket, with a manual clock and a registry that notes what the sampler would be
/// told.</summary>
public sealed class SocketRig : IAsyncLifetime
{
    /// <summary>A reading comes this long after the clock's start: at 2, 7, 12 seconds.</summary>
    private const double FirstReading = 2;

    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-rpc-");
    private readonly SampleNotices _notices;
    private WebApplication? _web;
    private RrdStore? _store;

    public SocketRig()
    {
        Directory.CreateDirectory(Paths.Pages);
        Pages = new PageRegistry(Paths.Pages, new PageGrants(), Add, Remove, Time, NullLogger<PageRegistry>.Instance);
        _notices = new SampleNotices(UntilNextReading, Time);
        SrNotices = new SrNotices(() => Srs, UntilNextReading, Time);
    }

    public AgentPaths Paths => new(_folder.FullName);

    /// <summary>What the agent says of itself.</summary>
    public string Version { get; init; } = "1.2.3";

    /// <summary>Where the agent says that pages are; where it looks for them unless a test says otherwise.</summary>
    public AgentPaths? SaidPaths { get; init; }

    public string SocketPath => Path.Combine(_folder.FullName, "socket");

    public ManualTime Time { get; } = new(Start);

    public PageRegistry Pages { get; }

    /// <summary>What a toolstack's methods are about; nothing is told to it but by them.</summary>
    public Sampler Sampler { get; private set; } = null!;

    /// <summary>What SRs use, as a test says.</summary>
    public IReadOnlyList<SrUse> Srs { get; set; } = [];

    public SrNotices SrNotices { get; }

    /// <summary>What the sampler would have been told: <c>+uid</c> and <c>-uid</c>.</summary>
    public ConcurrentQueue<string> Told { get; } = new();

    public double Now => (Time.GetUtcNow() - Start).TotalSeconds;

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Paths.Store);
        _store = new RrdStore(new StoreOptions(Paths.Store), NullLogger.Instance);
        Sampler = new Sampler(_store, Time, NullLogger<Sampler>.Instance);
        var toolstack = ToolstackRig.Create(_store, Sampler, Paths.Store, Time);
        var capabilities = new Capabilities(() => [], () => ["5b7a1c1e-0000-4000-8000-000000000001"]);
        var methods = new SessionMethods(SaidPaths ?? Paths, Version, new SocketRegistrations(Pages, _notices), UntilNextReading, capabilities, toolstack, SrNotices);
        var sessions = new MessagePackEndpoint(methods, Time, NullLogger<MessagePackEndpoint>.Instance);
        var xml = new RpcEndpoint(new MethodTable(Paths, Pages, UntilNextReading, _ => { }, capabilities), toolstack);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.ListenUnixSocket(SocketPath, socket => socket.Use(sessions.Beside)));
        _web = builder.Build();
        _web.Run(context => HttpMethods.IsPost(context.Request.Method) ? xml.HandleAsync(context) : context.Response.WriteAsync("read"));
        await _web.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        _notices.Dispose();
        Sampler.Dispose();
        _store?.Dispose();
        _folder.Delete(recursive: true);
    }

    public async Task StopAsync()
    {
        if (_web is not null)
        {
            await _web.StopAsync().WaitAsync(TimeSpan.FromSeconds(120));
            await _web.DisposeAsync();
            _web = null;
        }
    }

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(SocketPath);

    /// <summary>A client that has said hello.</summary>
    public async Task<TestClient> HelloAsync()
    {
        var client = await ConnectAsync();
        Assert.DoesNotContain("code", await client.CallAsync("hello", ("protocol", 1), ("client", "test")), StringComparison.Ordinal);
        return client;
    }

    /// <summary>Writes a page as a plugin would, and has it found where it is expected.</summary>
    public void WritePage(string uid)
    {
        File.WriteAllText(Paths.Page(uid), "x");
        Pages.Appeared(uid);
    }

    /// <summary>Waits until the sampler would have been told all this.</summary>
    public Task ToldAsync(params string[] what) =>
        Wait.UntilAsync(() => Told.SequenceEqual(what), () => $"{string.Join(' ', what)}, not {string.Join(' ', Told)}");

    private TimeSpan UntilNextReading()
    {
        double phase = (Now - FirstReading) % 5;
        return TimeSpan.FromSeconds(5 - (phase < 0 ? phase + 5 : phase));
    }

    private bool Add(string uid, Microsoft.Win32.SafeHandles.SafeFileHandle file, PagePermit permit)
    {
        file.Dispose();
        Told.Enqueue("+" + uid);
        return true;
    }

    private bool Remove(string uid)
    {
        Told.Enqueue("-" + uid);
        return true;
    }
}
