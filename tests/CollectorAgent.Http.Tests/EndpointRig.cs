using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using CollectorAgent.Hooks;
using CollectorAgent.Plugins;
using CollectorAgent.Protocol;
using CollectorAgent.Rpc;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Http.Tests;

/// <summary>The endpoints behind a real server on a Unix socket, with three owners that were sampled for a quarter of an hour.</summary>
public sealed class EndpointRig : IAsyncLifetime
{
    public const string HostUuid = "7fd5c3d3-1d41-4f0a-9a7e-2f9a3b0c1d2e";
    public const string Vm1 = "11111111-0000-4000-8000-000000000001";
    public const string Vm2 = "22222222-0000-4000-8000-000000000002";
    public const string Sr = "33333333-0000-4000-8000-000000000003";

    /// <summary>End of the newest step, in Unix seconds: a full minute.</summary>
    public const long End = Origin + Ticks * 5;

    private const long Origin = 1_800_000_000;
    private const int Ticks = 180;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-http-");
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(Origin + 2));
    private WebApplication? _web;
    private RrdStore? _store;
    private Sampler? _sampler;

    public HttpClient Http { get; private set; } = null!;

    /// <summary>Names of plugins that somebody asked to start anew.</summary>
    public List<string> Restarted { get; } = [];

    private static IReadOnlyList<PluginRunReport> Processes { get; } =
    [
        new(
            "/plugins.d/array",
            "array",
            PluginRunState.GivenUp,
            "it ended with exit code 3",
            PluginManifest.Parse("""
                { "name": "array", "version": "1.4", "executable": "run", "capabilities": [{ "name": "SR_STATS", "sr_types": ["array"] }] }
                """u8.ToArray()),
            0,
            DateTimeOffset.FromUnixTimeSeconds(Origin),
            10,
            double.NaN,
            0,
            0),
        new(
            "/plugins.d/files",
            "files",
            PluginRunState.Running,
            "",
            PluginManifest.Parse("""
                { "name": "files", "executable": "run", "capabilities": [{ "name": "SR_STATS", "sr_types": ["nfs", "ext", "nfs"] }] }
                """u8.ToArray()),
            4711,
            DateTimeOffset.FromUnixTimeSeconds(Origin),
            0,
            0.25,
            2,
            1000),
    ];

    public IReadOnlyList<FailedTransfer> FailedTransfers { get; set; } = [];

    public string SocketPath => Path.Combine(_folder.FullName, "socket");

    public AgentPaths Paths => new(_folder.FullName);

    public async Task InitializeAsync()
    {
        var store = _store = new RrdStore(new StoreOptions(_folder.FullName), NullLogger.Instance);
        _sampler = new Sampler(store, _time, NullLogger<Sampler>.Instance);
        Directory.CreateDirectory(Paths.Pages);
        var pages = new PageRegistry(
            Paths.Pages,
            new PageGrants(),
            (uid, file, permit) => _sampler.TryAdd(uid, new FilePageSource(file, permit.MaxPageBytes), permit),
            _sampler.TryRemove,
            _time,
            NullLogger<PageRegistry>.Instance);
        Sample(pages);
        var sync = new StoreSync(store, _time, NullLogger.Instance);
        var capabilities = new Capabilities(() => Processes, () => [Sr, Sr]);
        var http = new ReadEndpoints(store, sync, _sampler, pages, () => Processes, capabilities, () => FailedTransfers, new HostInfo(HostUuid, "1.2.3"), DocumentBudget.Standard(_time), _time);
        var rpc = new RpcEndpoint(
            new MethodTable(Paths, pages, () => _sampler.UntilNextReading, Restarted.Add, capabilities),
            ToolstackRig.Create(store, _sampler, _folder.FullName, _time));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.ListenUnixSocket(SocketPath));
        _web = builder.Build();
        _web.Run(context => HttpMethods.IsPost(context.Request.Method) ? rpc.HandleAsync(context) : http.HandleAsync(context));
        await _web.StartAsync();
        Http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri("http://localhost/"),
        };
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await _web!.DisposeAsync();
        _sampler!.Dispose();
        _store!.Dispose();
        _folder.Delete(recursive: true);
    }

    public async Task<XElement> XmlAsync(string path) => XDocument.Parse(await Http.GetStringAsync(new Uri(path, UriKind.Relative))).Root!;

    public async Task<JsonNode> JsonAsync(string path) => JsonNode.Parse(await Http.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    public async Task<HttpResponseMessage> GetAsync(string path, string? accept = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }
        return await Http.SendAsync(request);
    }

    /// <summary>A step passes without a sample.</summary>
    public void Tick()
    {
        _time.Advance(TimeSpan.FromSeconds(5));
        _sampler!.Tick();
    }

    private void Sample(PageRegistry pages)
    {
        var memory = new ReportedSource("memory_free_kib")
        {
            Type = ReportedType.Gauge,
            IsDefault = true,
            IsInteger = true,
            Units = "KiB",
            Description = "Free memory",
            Min = 0,
        };
        var cpu = new ReportedSource("cpu0") { Type = ReportedType.Gauge, IsDefault = true, Units = "(fraction)" };
        ReportedSource[] sources =
        [
            memory,
            cpu with { Owner = new Owner(OwnerKind.Vm, Vm1) },
            cpu with { Owner = new Owner(OwnerKind.Vm, Vm2) },
            new ReportedSource("physical_utilisation") { Type = ReportedType.Gauge, IsDefault = true, Owner = new Owner(OwnerKind.Sr, Sr) },
        ];
        string page = Paths.Page("p");
        for (int i = 1; i <= Ticks; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            double time = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds - 0.5;
            long[] values = [1000 + i, Bits(i / 1000.0), Bits(double.NaN), Bits(i)];
            File.WriteAllBytes(page, PageWriter.Version2(time, sources, values));
            pages.Scan();
            _sampler!.Tick();
        }
    }

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}
