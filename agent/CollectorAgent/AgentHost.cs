using System.Diagnostics;
using System.Net.Sockets;
using CollectorAgent.Forwarding;
using CollectorAgent.Hooks;
using CollectorAgent.Http;
using CollectorAgent.Peers;
using CollectorAgent.Plugins;
using CollectorAgent.Protocol;
using CollectorAgent.Rpc;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CollectorAgent;

/// <summary>The rooms, wired: who tells whom what, and in which order they start and stop.</summary>
internal sealed class AgentHost(AgentOptions options, TimeProvider time)
{
    // A plugin holds a connection for its life: a thousand of them leave room for readers.
    private const int MaxConnections = 4096;

    // Enough for 4 MiB a second to a reader that is 60 ms away.
    private const int MaxSendBytes = 256 << 10;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Runs until SIGTERM or SIGINT.</summary>
    /// <exception cref="IOException">A path or an address that the agent needs cannot be used.</exception>
    public async Task RunAsync()
    {
        var paths = options.Paths;
        Directory.CreateDirectory(paths.Store);
        using var instance = InstanceLock.Take(paths.Store);
        using var logs = LoggerFactory.Create(ConfigureLogging);
        var log = logs.CreateLogger<AgentHost>();

        var host = new HostInfo(HostIdentity.Resolve(paths.Inventory, paths.Store), Product.Version);
        using var store = new RrdStore(
            new StoreOptions(paths.Store) { Archives = paths.Archives, HostUuid = host.Uuid }, logs.CreateLogger<RrdStore>());
        store.Load();
        var sync = new StoreSync(store, time, logs.CreateLogger<StoreSync>());
        using var sampler = new Sampler(store, time, logs.CreateLogger<Sampler>(), options.RecordVms);
        var grants = new PageGrants();
        var pages = new PageRegistry(
            paths.Pages,
            grants,
            (uid, file, permit) => sampler.TryAdd(uid, new FilePageSource(file, permit.MaxPageBytes), permit),
            sampler.TryRemove,
            time,
            logs.CreateLogger<PageRegistry>());
        var watcher = new PageWatcher(paths.Pages, pages, time, logs.CreateLogger<PageWatcher>());

        var launcher = new PluginLauncher(paths, Path.Combine(AppContext.BaseDirectory, "plugin-host", "collector-plugin-host"));
        var guard = new OrphanGuard(launcher, time, logs.CreateLogger<OrphanGuard>());
        using var folders = new PluginFolders(options.Plugins, time, logs.CreateLogger<PluginFolders>());
        var supervisor = new PluginSupervisor(
            paths, folders, launcher, grants, pages.GrantsChanged, time, logs.CreateLogger<PluginSupervisor>());
        var statistics = new PluginStatistics(
            paths, () => sampler.Plugins.ToDictionary(p => p.Uid, p => new PageFigures(p.Sources.Count, p.ReadDurationMs / 1000)));
        var meter = new PluginMeter(
            supervisor, launcher, statistics, () => sampler.UntilNextReading, time, logs.CreateLogger<PluginMeter>());
        sampler.TryAdd(PluginUid.OfAgent, statistics, PagePermit.Unlimited);
        var capabilities = new Capabilities(() => supervisor.Plugins, () => sampler.ReportedSrs);
        var secret = new PoolSecret(options.Tls.PoolSecret, logs.CreateLogger<PoolSecret>());
        var peers = new PeerLink(new PeerClient(options.Tls.Peers, secret, Product.Version, time, logs.CreateLogger<PeerClient>()));
        using var archives = new ArchiveFolder(paths.Archives, logs.CreateLogger<ArchiveFolder>());
        archives.RemoveUnfinished();
        var hooks = new LifeCycles(store, sampler, archives, peers, paths.Store, host.Uuid, time, logs.CreateLogger<LifeCycles>());
        var sources = new RecordedSources(store, sampler);
        var settings = new ToldSettings(paths.ToldSettings, logs.CreateLogger<ToldSettings>());
        var cache = new CacheSr(sampler, paths.CacheStatistics, time, logs.CreateLogger<CacheSr>());
        var toolstack = new ToolstackMethods(hooks, sources, new HighAvailability(sampler, time), cache, settings, sampler);
        var rpc = new RpcEndpoint(new MethodTable(paths, pages, () => sampler.UntilNextReading, supervisor.Restart, capabilities), toolstack);
        using var notices = new SampleNotices(() => sampler.UntilNextReading, time);
        var srNotices = new SrNotices(sources.Srs, () => sampler.UntilNextReading, time);
        var methods = new SessionMethods(
            paths, Product.Version, new SocketRegistrations(pages, notices), () => sampler.UntilNextReading, capabilities, toolstack, srNotices);
        var sessions = new MessagePackEndpoint(methods, time, logs.CreateLogger<MessagePackEndpoint>());
        using var documents = DocumentBudget.Standard(time);
        var idle = new MemoryReturn(documents, () => sampler.UntilNextReading, time);
        using var http = new ReadEndpoints(store, sync, sampler, pages, () => supervisor.Plugins, capabilities, () => hooks.Failed, host, documents, time);

        var refusals = new RefusalLog(time, logs.CreateLogger<RefusalLog>());
        var strangers = new StrangerGate(new OwnNames("/etc", options.AllowedHosts, time), refusals);
        var gate = new PeerGate(() => secret.TryRead(out string? known, out _) ? known : null);
        using var transfers = new TransferEndpoints(
            gate, (rrd, document, end) => ReceiveAsync(hooks, rrd, document, end), archives.Read, archives.UnpackedBytes, documents);
        var certificate = options.Tls.Listen.Count > 0 ? new CertificateFile(options.Tls.Certificate, logs.CreateLogger<CertificateFile>()) : null;
        if (certificate is not null && !secret.TryRead(out _, out string? trouble))
        {
            Log.NobodyKnown(log, trouble);
        }

        var forwarded = new ForwardedTransport(
            (request, body, end) => TakeForwardedAsync(transfers, request, body, end), time, logs.CreateLogger<ForwardedTransport>());

        await using var web = BuildWeb(
            certificate, sessions, forwarded, new UnreadableBodies(refusals), context => Dispatch(context, strangers, gate, transfers, rpc, http));
        using var heads = web.Services.GetRequiredService<DiagnosticListener>()
            .Subscribe(new UnreadableHeads(refusals)!, (n, _, _) => UnreadableHeads.IsWanted(n));
        watcher.MakeFolder();
        await StartAsync(web);
        string addresses = string.Join(", ", options.Listen.Select(l => $"http://{l}/rrd_updates?start=-60&host=true"));
        Log.Started(log, Product.Version, paths.Root, paths.Socket, addresses.Length > 0 ? addresses : "the socket: no address is listened on");

        using var stop = new CancellationTokenSource();
        var tick = new Thread(() => sampler.Run(stop.Token)) { Name = "tick", IsBackground = false };
        tick.Start();
        Task[] work =
        [
            EndWithAsync(watcher.RunAsync(stop.Token), web.Lifetime),
            EndWithAsync(supervisor.RunAsync(stop.Token), web.Lifetime),
            EndWithAsync(meter.RunAsync(stop.Token), web.Lifetime),
            EndWithAsync(guard.RunAsync(stop.Token), web.Lifetime),
            EndWithAsync(sync.RunAsync(stop.Token), web.Lifetime),
            EndWithAsync(cache.RunAsync(stop.Token), web.Lifetime),
            EndWithAsync(srNotices.RunAsync(stop.Token), web.Lifetime),
            EndWithAsync(idle.RunAsync(stop.Token), web.Lifetime),
            EndWithAsync(WarmUp.RunAsync(time, stop.Token), web.Lifetime),
            settings.ApplyAsync(cache, sampler),
        ];
        await web.WaitForShutdownAsync();

        Log.Stopping(log);
        await stop.CancelAsync();
        await Task.WhenAll(work);
        meter.EndStrays();
        tick.Join();
        int unsaved = sync.Sync();
        Log.Stopped(log, store.All.Count - unsaved, unsaved);
    }

    private static Task ReceiveAsync(LifeCycles hooks, IncomingRrd rrd, Stream document, CancellationToken cancellationToken) =>
        rrd.IsArchive ? hooks.ReceiveArchiveAsync(rrd.Uuid, document, cancellationToken)
        : rrd.IsHost ? throw new NotSupportedException("The RRD of a host is taken as an archive only: with archive=true.")
        : hooks.ReceiveVmAsync(rrd.Uuid, document, cancellationToken);

    /// <summary>Ends the agent when something it cannot do without has failed; the failure comes out where the work is awaited.</summary>
    private static async Task EndWithAsync(Task work, IHostApplicationLifetime lifetime)
    {
        try
        {
            await work;
        }
        catch
        {
            lifetime.StopApplication();
            throw;
        }
    }

    private static void ConfigureLogging(ILoggingBuilder logging)
    {
        logging.SetMinimumLevel(LogLevel.Information);
        // Under systemd the journal adds the time, and reads the level from the line.
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null)
        {
            logging.AddSystemdConsole();
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
                console.ColorBehavior = LoggerColorBehavior.Disabled;
            });
        }
    }

    private WebApplication BuildWeb(
        CertificateFile? certificate, MessagePackEndpoint sessions, ForwardedTransport forwarded, UnreadableBodies bodies, RequestDelegate dispatch)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        ConfigureLogging(builder.Logging);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddResponseCompression(compression =>
        {
            compression.Providers.Add<GzipCompressionProvider>();
            compression.MimeTypes = ["text/xml", "application/json", "application/openmetrics-text", "text/plain"];
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, certificate, sessions));
        builder.Services.AddSingleton<IConnectionListenerFactory>(forwarded);
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = BindListener);
        var web = builder.Build();
        web.Use(ForwardedRequests.RestoreAsync);
        web.Use(bodies.AnswerAsync);
        web.UseResponseCompression();
        web.Run(dispatch);
        return web;
    }

    private void Configure(KestrelServerOptions kestrel, CertificateFile? certificate, MessagePackEndpoint sessions)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowHostHeaderOverride = true;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
        // A document has its share of memory until its last byte is with the system: nothing of it waits in the server beside that.
        kestrel.Limits.MaxResponseBufferSize = 0;
        kestrel.ListenUnixSocket(options.Paths.Socket, socket =>
        {
            socket.Use(sessions.Beside);
            socket.Use(HostHeaders.Replace);
        });
        kestrel.Listen(new ForwardedEndPoint(options.Paths.ForwardedSocket), socket => socket.Protocols = HttpProtocols.Http1);
        foreach (var address in options.Listen)
        {
            kestrel.Listen(address);
        }
        if (certificate is not null)
        {
            TlsListener.Listen(kestrel, options.Tls, certificate);
        }
    }

    /// <summary>A socket that keeps no more than <see cref="MaxSendBytes"/> for a reader that does not read: else it is megabytes for each.</summary>
    private static Socket BindListener(System.Net.EndPoint address)
    {
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        if (address is System.Net.IPEndPoint)
        {
            socket.SendBufferSize = MaxSendBytes;
        }
        return socket;
    }

    private static Task Dispatch(
        HttpContext context, StrangerGate strangers, PeerGate gate, TransferEndpoints transfers, RpcEndpoint rpc, ReadEndpoints http)
    {
        if (strangers.Refuse(context) is { } stranger)
        {
            return stranger.AnswerAsync(context);
        }
        if (TransferEndpoints.Takes(context.Request))
        {
            return transfers.HandleAsync(context);
        }
        if (HttpMethods.IsPost(context.Request.Method))
        {
            return rpc.HandleAsync(context);
        }
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        {
            return gate.RefuseRead(context) is { } refusal ? refusal.AnswerAsync(context) : http.HandleAsync(context);
        }
        context.Response.Headers.Allow = "GET, HEAD, POST, PUT";
        return new PeerRefusal(StatusCodes.Status405MethodNotAllowed, "GET, HEAD, POST and PUT are the methods that are known here.").AnswerAsync(context);
    }

    private static async Task TakeForwardedAsync(TransferEndpoints transfers, ForwardedRequest request, Stream body, CancellationToken end)
    {
        if (await transfers.TakeForwardedAsync(request.Query, body, end) is { } refusal)
        {
            throw new ForwardedRequestException(refusal.Sentence, refusal.Status);
        }
    }

    /// <summary>Opens the socket, which its owner and the agent's group can use, that of forwarded connections, and the addresses.</summary>
    private async Task StartAsync(WebApplication web)
    {
        var paths = options.Paths;
        Directory.CreateDirectory(Path.GetDirectoryName(paths.Socket)!, Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        DeleteLeftOver(paths.Socket);
        DeleteLeftOver(paths.ForwardedSocket);
        try
        {
            await web.StartAsync();
        }
        catch (IOException e) when (e.InnerException is SocketException or AddressInUseException)
        {
            throw new IOException($"{e.Message} Choose other addresses with --listen ADDRESS:PORT, or --listen none, and --listen-tls.", e);
        }
        File.SetUnixFileMode(paths.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        AgentGroup.Share(
            paths.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        AddAlias(paths.SocketAlias, paths.Socket);
    }

    /// <summary>Removes the socket of an earlier run, but not one that somebody listens on.</summary>
    private static void DeleteLeftOver(string path)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }
        throw new IOException($"Another daemon listens on {path}. Stop it first, or choose another --root.");
    }

    private static void AddAlias(string alias, string socket)
    {
        string folder = Path.GetDirectoryName(alias)!;
        if (Directory.Exists(folder) && Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName == Path.GetDirectoryName(socket))
        {
            // The whole folder is an alias already.
            return;
        }
        Directory.CreateDirectory(folder, Private | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        File.Delete(alias);
        File.CreateSymbolicLink(alias, socket);
    }
}
