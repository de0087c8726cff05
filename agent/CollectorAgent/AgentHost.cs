using System.Diagnostics;
using System.Net.Sockets;
using CollectorAgent.Daemon;
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
using Microsoft.Extensions.Options;

namespace CollectorAgent;

/// <summary>The rooms, wired: who tells whom what, and in which order they start and stop.</summary>
/// <param name="descriptors">What the process may have open.</param>
/// <param name="signals">Those that do not end it.</param>
/// <param name="around">What is put around each background task and the tick, by name: a test lets them fail by it.</param>
internal sealed class AgentHost(
    AgentOptions options,
    DescriptorBudget descriptors,
    HarmlessSignals signals,
    TimeProvider time,
    Func<string, BackgroundWork, BackgroundWork>? around = null)
{
    private const string ChooseRoot = "Choose another root with --root DIR, or make this one usable for the user that the agent runs as.";

    // Enough for 4 MiB a second to a reader that is 60 ms away.
    private const int MaxSendBytes = 256 << 10;

    // Readers that do not take what they asked for do not hold up the end longer.
    private static readonly TimeSpan ReadersDeadline = TimeSpan.FromSeconds(5);

    // There before the first listener is.
    private Essentials? _essentials;

    /// <summary>It has said so in the log, too.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Runs until SIGTERM or SIGINT.</summary>
    /// <exception cref="StartException">A path or an address that the agent needs cannot be used.</exception>
    /// <exception cref="EssentialFailedException">What it cannot do without has failed while it ran.</exception>
    public async Task RunAsync()
    {
        var paths = options.Paths;
        PrivateFolder.Make(paths.Store, PrivateFolder.OwnerOnly, ChooseRoot);
        using var agentLog = new AgentLog(Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null, paths.LogConfiguration, time);
        using var logs = LoggerFactory.Create(builder => Log(builder, agentLog));
        var log = logs.CreateLogger<AgentHost>();
        PrivateFolder.Close(paths.Store, log);
        using var instance = InstanceLock.Take(paths.Store, () => SocketPaths.IsListenedOn(paths.Socket));

        string uuid = StartStep.Do(
            $"The host's uuid can neither be read from {paths.Inventory} nor kept in {paths.Store}/host-uuid",
            ChooseRoot,
            () => HostIdentity.Resolve(paths.Inventory, paths.Store));
        var host = new HostInfo(uuid, Product.Version);
        var storeOptions = new StoreOptions(paths.Store) { Archives = paths.Archives, HostUuid = host.Uuid };
        using var store = StartStep.Do(
            $"The store {paths.Store}/rrds cannot be opened", ChooseRoot, () => new RrdStore(storeOptions, logs.CreateLogger<RrdStore>()));
        PrivateFolder.Close(Path.Combine(paths.Store, "rrds"), log);
        StartStep.Do($"The store {paths.Store}/rrds cannot be read", ChooseRoot, () => store.Load(time.GetUtcNow()));
        var sync = new StoreSync(store, time, logs.CreateLogger<StoreSync>());
        using var sampler = new Sampler(store, time, logs.CreateLogger<Sampler>(), options.RecordVms);
        var grants = new PageGrants();
        var pages = new PageRegistry(
            paths.Pages,
            grants,
            (uid, file, permit) => sampler.TryAdd(uid, new FilePageSource(file, permit.MaxPageBytes), permit),
            sampler.TryRemove,
            time,
            logs.CreateLogger<PageRegistry>())
        {
            MostStrangers = descriptors.Pages(PageRegistry.MaxStrangers),
        };
        var watcher = new PageWatcher(paths.Pages, pages, time, logs.CreateLogger<PageWatcher>());

        var launcher = new PluginLauncher(paths, Path.Combine(AppContext.BaseDirectory, "plugin-host", "collector-plugin-host"));
        var guard = new OrphanGuard(launcher, time, logs.CreateLogger<OrphanGuard>());
        using var folders = new PluginFolders(options.Plugins, time, logs.CreateLogger<PluginFolders>());
        var supervisor = new PluginSupervisor(
            paths, folders, launcher, grants, pages.GrantsChanged, descriptors.Plugins, time, logs.CreateLogger<PluginSupervisor>());
        var statistics = new PluginStatistics(
            paths, () => sampler.Plugins.ToDictionary(p => p.Uid, p => new PageFigures(p.Sources.Count, p.ReadDurationMs / 1000)));
        var meter = new PluginMeter(
            supervisor, launcher, statistics, () => sampler.UntilNextReading, time, logs.CreateLogger<PluginMeter>());
        sampler.TryAdd(PluginUid.OfAgent, statistics, PagePermit.Unlimited);
        var capabilities = new Capabilities(() => supervisor.Plugins, () => sampler.ReportedSrs);
        var secret = new PoolSecret(options.Tls.PoolSecret, logs.CreateLogger<PoolSecret>());
        var peers = new PeerLink(new PeerClient(options.Tls.Peers, secret, Product.Version, time, logs.CreateLogger<PeerClient>()));
        using var archives = new ArchiveFolder(paths.Archives, logs.CreateLogger<ArchiveFolder>());
        StartStep.Do($"What an earlier agent left unfinished in {paths.Archives} cannot be removed", ChooseRoot, archives.RemoveUnfinished);
        var hooks = new LifeCycles(store, sampler, archives, peers, paths.Store, host.Uuid, time, logs.CreateLogger<LifeCycles>());
        var sources = new RecordedSources(store, sampler);
        var settings = StartStep.Do(
            $"{paths.ToldSettings} cannot be read",
            ChooseRoot,
            () => new ToldSettings(paths.ToldSettings, logs.CreateLogger<ToldSettings>()));
        var cache = new CacheSr(sampler, paths.CacheStatistics, time, logs.CreateLogger<CacheSr>());
        var toolstack = new ToolstackMethods(hooks, sources, new HighAvailability(sampler, time), cache, settings, sampler, logs.CreateLogger<ToolstackMethods>());
        var rpc = new RpcEndpoint(new MethodTable(paths, pages, () => sampler.UntilNextReading, supervisor.Restart, capabilities), toolstack);
        using var notices = new SampleNotices(() => sampler.UntilNextReading, time);
        var srNotices = new SrNotices(sources.Srs, () => sampler.UntilNextReading, time);
        var methods = new SessionMethods(
            paths, Product.Version, new SocketRegistrations(pages, notices), () => sampler.UntilNextReading, capabilities, toolstack, srNotices);
        var sessions = new MessagePackEndpoint(methods, time, logs.CreateLogger<MessagePackEndpoint>());
        using var documents = DocumentBudget.Standard(time);
        var idle = new MemoryReturn(documents, () => sampler.UntilNextReading, time);
        var refusals = new RefusalLog(time, logs.CreateLogger<RefusalLog>());
        var strangers = new StrangerGate(new OwnNames("/etc", options.AllowedHosts, time), refusals);
        var gate = new PeerGate(() => secret.TryRead(out string? known, out _) ? known : null);
        using var transfers = new TransferEndpoints(
            gate, (rrd, document, end) => ReceiveAsync(hooks, rrd, document, end), archives.Read, archives.UnpackedBytes, documents);
        var certificate = TlsListener.Certificate(options.Tls, logs.CreateLogger<CertificateFile>());
        var certificateWatch = certificate is null ? null : new CertificateWatch(certificate, time, logs.CreateLogger<CertificateWatch>());
        if (certificate is not null && !secret.TryRead(out _, out string? trouble))
        {
            CollectorAgent.Log.NobodyKnown(log, trouble);
        }

        var forwarded = new ForwardedTransport(
            (request, body, end) => TakeForwardedAsync(transfers, request, body, end), time, logs.CreateLogger<ForwardedTransport>());

        var limit = new ConnectionLimit(descriptors.Shares, time, logs.CreateLogger<ConnectionLimit>());
        var sockets = new SocketWatch(PathOf, time, logs.CreateLogger<SocketWatch>());
        var background = new BackgroundTasks(time, logs.CreateLogger<BackgroundTasks>());
        using var http = new ReadEndpoints(store, sync, sampler, pages, () => supervisor.Plugins, capabilities, () => hooks.Failed, host, documents, time)
        {
            Process = () => Report(background, limit, agentLog, certificateWatch),
        };
        await using var web = BuildWeb(
            agentLog,
            limit,
            sockets,
            certificate,
            sessions,
            forwarded,
            new LongHeaders(refusals),
            new UnreadableBodies(refusals),
            context => Dispatch(context, strangers, gate, transfers, rpc, http));
        using var heads = web.Services.GetRequiredService<DiagnosticListener>()
            .Subscribe(new UnreadableHeads(refusals)!, (name, _, _) => UnreadableHeads.IsWanted(name));
        _essentials = new Essentials(web.Lifetime.StopApplication, log);
        StartStep.Do($"The page folder {paths.Pages} cannot be made", ChooseRoot, watcher.MakeFolder);
        await StartAsync(web);
        string addresses = string.Join(", ", options.Listen.Select(l => $"http://{l}/rrd_updates?start=-60&host=true"));
        CollectorAgent.Log.Started(
            log, Product.Version, paths.Root, paths.Socket, addresses.Length > 0 ? addresses : "the socket: no address is listened on");
        HasStarted = true;
        signals.Begin(logs.CreateLogger<HarmlessSignals>(), Reloads(pages, certificateWatch));

        using var stop = new CancellationTokenSource();
        var tick = _essentials.StartTick(sampler, task => Around("tick", task), stop.Token);
        Task[] work =
        [
            Work("page-watcher", watcher.RunAsync),
            Work("plugin-supervisor", supervisor.RunAsync),
            Work("plugin-meter", meter.RunAsync),
            Work("orphan-guard", guard.RunAsync),
            Work("store-sync", sync.RunAsync),
            Work("cache-sr", cache.RunAsync),
            Work("sr-notices", srNotices.RunAsync),
            Work("memory-return", idle.RunAsync),
            Work("socket-watch", end => WatchSocketsAsync(sockets, instance, end)),
            Work("warm-up", end => WarmUp.RunAsync(time, end)),
            Work("toolstack-settings", end => settings.ApplyAsync(cache, sampler).WaitAsync(end)),
            certificateWatch is null ? Task.CompletedTask : Work("certificate-watch", certificateWatch.RunAsync),
        ];
        await web.WaitForShutdownAsync();

        CollectorAgent.Log.Stopping(log);
        await stop.CancelAsync();
        await Task.WhenAll(work);
        EndStrays(meter, log);
        tick.Join();
        int unsaved = sync.Sync();
        CollectorAgent.Log.Stopped(log, store.All.Count - unsaved, unsaved);
        _essentials.ThrowIfFailed();

        Task Work(string name, BackgroundWork task) => background.RunAsync(name, Around(name, task), stop.Token);
    }

    private static Task ReceiveAsync(LifeCycles hooks, IncomingRrd rrd, Stream document, CancellationToken cancellationToken) =>
        rrd.IsArchive ? hooks.ReceiveArchiveAsync(rrd.Uuid, document, cancellationToken)
        : rrd.IsHost ? throw new NotSupportedException("The RRD of a host is taken as an archive only: with archive=true.")
        : hooks.ReceiveVmAsync(rrd.Uuid, document, cancellationToken);

    private BackgroundWork Around(string name, BackgroundWork task) => around is null ? task : around(name, task);

    private async Task WatchSocketsAsync(SocketWatch sockets, InstanceLock instance, CancellationToken end)
    {
        try
        {
            await sockets.RunAsync(
                instance,
                path => SocketPaths.MakeRoom(path, ChooseRoot),
                () => SocketPaths.Share(options.Paths, ChooseRoot),
                () => SocketPaths.Link(options.Paths, ChooseRoot),
                end);
        }
        catch (InstanceTakenException e)
        {
            // Of two that record the same, the one that has lost its files goes.
            _essentials!.Fail("the lock", e);
        }
    }

    private static string? PathOf(System.Net.EndPoint address) => address is UnixDomainSocketEndPoint or ForwardedEndPoint ? address.ToString() : null;

    private static void EndStrays(PluginMeter meter, ILogger log)
    {
        try
        {
            meter.EndStrays();
        }
        catch (Exception e)
        {
            // What is recorded is still to be brought to the disk.
            CollectorAgent.Log.StraysNotEnded(log, Trouble.Of(e));
        }
    }

    private static ProcessReport Report(BackgroundTasks background, ConnectionLimit limit, AgentLog log, CertificateWatch? certificate)
    {
        var connections = limit.Report;
        return new ProcessReport(
            [.. background.Reports.Select(t => new TaskFigures(t.Name, t.State.ToString(), t.Failures, t.Reason, t.FailedAt))],
            new ConnectionFigures(connections.Open, connections.Limit, connections.OutsideLimit, connections.Refused),
            log.DroppedLines,
            certificate?.Ends);
    }

    private static List<(string What, Action Look)> Reloads(PageRegistry pages, CertificateWatch? certificate)
    {
        List<(string What, Action Look)> reloads = [("the page folder", pages.Scan)];
        if (certificate is not null)
        {
            reloads.Add(("the certificate", certificate.Look));
        }
        return reloads;
    }

    private static void Log(ILoggingBuilder builder, AgentLog log) =>
        builder.SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            // That the server cannot start is said in one sentence, not with a stack trace.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None)
            .AddProvider(log);

    private WebApplication BuildWeb(
        AgentLog log,
        ConnectionLimit limit,
        SocketWatch sockets,
        CertificateFile? certificate,
        MessagePackEndpoint sessions,
        ForwardedTransport forwarded,
        LongHeaders headers,
        UnreadableBodies bodies,
        RequestDelegate dispatch)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        Log(builder.Logging, log);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ReadersDeadline);
        builder.Services.AddResponseCompression(compression =>
        {
            compression.Providers.Add<GzipCompressionProvider>();
            compression.MimeTypes = ["text/xml", "application/json", "application/openmetrics-text", "text/plain"];
        });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Configure(kestrel, limit, certificate, sessions));
        builder.Services.AddSingleton<IConnectionListenerFactory>(services => new LimitedTransport(
            new SocketTransportFactory(
                services.GetRequiredService<IOptions<SocketTransportOptions>>(), services.GetRequiredService<ILoggerFactory>()),
            limit,
            sockets,
            ListenerFailed));
        builder.Services.AddSingleton<IConnectionListenerFactory>(new LimitedTransport(forwarded, limit, sockets, ListenerFailed));
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = BindListener);
        var web = builder.Build();
        web.Use(ForwardedRequests.RestoreAsync);
        web.Use(headers.RefuseAsync);
        web.Use(bodies.AnswerAsync);
        web.UseResponseCompression();
        web.Run(dispatch);
        return web;
    }

    private void ListenerFailed(string what, Exception failure) => _essentials!.Fail(what, failure);

    private void Configure(KestrelServerOptions kestrel, ConnectionLimit limit, CertificateFile? certificate, MessagePackEndpoint sessions)
    {
        kestrel.AddServerHeader = false;
        kestrel.AllowHostHeaderOverride = true;
        // A document has its share of memory until its last byte is with the system: nothing of it waits in the server beside that.
        kestrel.Limits.MaxResponseBufferSize = 0;
        // The server's own limit is one for each address.
        kestrel.ConfigureEndpointDefaults(listener => listener.Use(limit.Around));
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
        SocketPaths.Prepare(options.Paths, ChooseRoot);
        try
        {
            await web.StartAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or UnauthorizedAccessException)
        {
            throw new StartException(
                $"{WhatCannotBeOpened(e)}: {Trouble.Of(e)}. "
                + "Choose other addresses with --listen ADDRESS:PORT, or --listen none, and --listen-tls.",
                e);
        }
        SocketPaths.Share(options.Paths, ChooseRoot);
    }

    /// <summary>The server does not say of each failure which address it is about.</summary>
    private string WhatCannotBeOpened(Exception failure)
    {
        var addresses = options.Listen.Concat(options.Tls.Listen).ToList();
        var named = addresses.Where(a => failure.Message.Contains(a.ToString(), StringComparison.Ordinal)).ToList();
        var wrong = named.Count > 0 ? named : addresses.Where(a => !SocketPaths.CanListenOn(a)).ToList();
        return $"Cannot listen on {(wrong.Count > 0 ? string.Join(" and ", wrong.Distinct()) : options.Paths.Socket)}";
    }
}
