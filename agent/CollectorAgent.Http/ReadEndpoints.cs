using System.Globalization;
using System.Text.Json;
using CollectorAgent.Hooks;
using CollectorAgent.Plugins;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using CollectorAgent.Sampling;
using CollectorAgent.Store;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using static CollectorAgent.Http.Answers;

namespace CollectorAgent.Http;

/// <summary>Everything that can be read over HTTP. See docs/formats/http.md.</summary>
/// <remarks>A document is built from a copy: the lock of an RRD is held only while its rows are copied.</remarks>
public sealed class ReadEndpoints
{
    private readonly RrdStore _store;
    private readonly StoreSync _sync;
    private readonly Sampler _sampler;
    private readonly PageRegistry _pages;
    private readonly Func<IReadOnlyList<PluginRunReport>> _processes;
    private readonly Capabilities _capabilities;
    private readonly Func<IReadOnlyList<FailedTransfer>> _failedTransfers;
    private readonly HostInfo _host;
    private readonly TimeProvider _time;
    private readonly long _started;

    // Ticks are counted from the start of the process.
    private readonly Guid _run = Guid.NewGuid();

    // A path belongs to the first of these it starts with: clients have asked for more than these in full.
    private readonly (string Prefix, Func<HttpContext, Task> Answer)[] _routes;

    /// <summary>How the agent itself is doing.</summary>
    public Func<ProcessReport> Process { get; init; } = () => new ProcessReport([], default, 0, null);

    /// <param name="processes">The plugins that the agent runs.</param>
    /// <param name="failedTransfers">What did not get to where it was to go.</param>
    public ReadEndpoints(
        RrdStore store,
        StoreSync sync,
        Sampler sampler,
        PageRegistry pages,
        Func<IReadOnlyList<PluginRunReport>> processes,
        Capabilities capabilities,
        Func<IReadOnlyList<FailedTransfer>> failedTransfers,
        HostInfo host,
        TimeProvider time)
    {
        _store = store;
        _sync = sync;
        _sampler = sampler;
        _pages = pages;
        _processes = processes;
        _capabilities = capabilities;
        _failedTransfers = failedTransfers;
        _host = host;
        _time = time;
        _started = time.GetTimestamp();
        _routes =
        [
            ("/rrd_updates", IfChanged(UpdatesAsync)),
            ("/host_rrd", IfChanged(context => RrdAsync(context, RrdOwner.Host))),
            ("/vm_rrd", IfChanged(context => RrdAsync(context, RrdOwnerKind.Vm))),
            ("/sr_rrd", IfChanged(context => RrdAsync(context, RrdOwnerKind.Sr))),
            ("/metrics", IfChanged(MetricsAsync)),
            ("/data_sources", DataSourcesAsync),
            ("/capabilities", CapabilitiesAsync),
            ("/status", StatusAsync),
        ];
    }

    /// <summary>Answers a GET.</summary>
    public Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "/";
        foreach (var (prefix, answer) in _routes)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                context.Response.Headers.CacheControl = "no-cache, no-store";
                context.Response.Headers.AccessControlAllowOrigin = "*";
                return answer(context);
            }
        }
        return SentenceAsync(context, StatusCodes.Status404NotFound, $"There is {string.Join(", ", _routes.Select(r => r.Prefix))}.");
    }

    /// <summary>Answers only where an RRD may have changed since the document that the reader has.</summary>
    private Func<HttpContext, Task> IfChanged(Func<HttpContext, Task> answer) => context =>
    {
        // From before anything is copied: what is changed meanwhile is news to whoever asks next.
        var report = _sampler.Report;
        var tag = new EntityTagHeaderValue(
            string.Create(CultureInfo.InvariantCulture, $"\"{_run:N}-{report.Ticks}-{report.Changes}-{DocumentFormats.Of(context.Request)}\""), isWeak: true);
        context.Response.Headers.ETag = tag.ToString();
        if (!context.Request.GetTypedHeaders().IfNoneMatch.Any(t => t.Compare(tag, useStrongComparison: false)))
        {
            return answer(context);
        }
        context.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    };

    private async Task UpdatesAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (!long.TryParse(query["start"].LastOrDefault(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long start))
        {
            await SentenceAsync(
                context,
                StatusCodes.Status400BadRequest,
                "The parameter start is missing or no whole number: Unix seconds, or, where negative, seconds before the newest row.");
            return;
        }
        using var xport = Export(
            new XportQuery(
                start,
                long.TryParse(query["interval"].LastOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out long interval) ? interval : 0,
                FunctionNames.ParseFunction(query["cf"].LastOrDefault())),
            new OwnerSelection(
                query["host"].LastOrDefault() == "true",
                UuidSelection.Parse(query["vm_uuid"], allIfAbsent: true),
                UuidSelection.Parse(query["sr_uuid"], allIfAbsent: false)));
        if (context.Request.Protocol == HttpProtocol.Http11 && context.Request.Headers.Connection != "close")
        {
            context.Response.Headers.Connection = "keep-alive";
        }
        context.Response.Headers.AccessControlAllowHeaders = "X-Requested-With";
        var format = DocumentFormats.Of(context.Request);
        await DocumentAsync(context, format.ContentType(), xport.LeastBytes, writer => format == DocumentFormat.Json
            ? xport.WriteJsonAsync(writer, context.RequestAborted)
            : xport.WriteXmlAsync(writer, context.RequestAborted));
    }

    private Xport Export(XportQuery query, OwnerSelection selection)
    {
        var selected = _store.All.Where(r => selection.Selects(r.Owner)).ToList();
        // Rows speak of the newest step that any of them has; before the first, of the newest tick.
        long lastUpdate = selected.Select(r => r.Copy(d => (long)d.LastUpdated)).Append(selected.Count == 0 ? _sampler.Report.LastStepEnd : 0).Max();
        var plan = XportPlan.Create(query, selected.Select(r => r.Rrd.Layout), lastUpdate);
        return new Xport(plan, [.. selected.Select(r => new XportColumns(plan, r.Copy(d => d.Rows(r.Gate)), Prefix(r.Owner)))]);
    }

    private Task RrdAsync(HttpContext context, RrdOwnerKind kind)
    {
        string? uuid = context.Request.Query["uuid"].LastOrDefault();
        return string.IsNullOrEmpty(uuid)
            ? SentenceAsync(context, StatusCodes.Status400BadRequest, "The parameter uuid is missing.")
            : RrdAsync(context, new RrdOwner(kind, uuid.ToLowerInvariant()));
    }

    private async Task RrdAsync(HttpContext context, RrdOwner owner)
    {
        if (_store.Find(owner) is not { } owned)
        {
            await SentenceAsync(context, StatusCodes.Status404NotFound, "There is no RRD of this owner here.");
            return;
        }
        var snapshot = owned.Copy(r => r.Snapshot(owned.Gate));
        var format = DocumentFormats.Of(context.Request);
        context.Response.Headers.Connection = "close";
        await DocumentAsync(context, format.ContentType(), RrdXmlWriter.LeastBytes(snapshot), writer => format == DocumentFormat.Json
            ? RrdJsonWriter.WriteAsync(snapshot, writer, context.RequestAborted)
            : RrdXmlWriter.WriteAsync(snapshot, RrdForm.External, writer, context.RequestAborted));
    }

    private Task MetricsAsync(HttpContext context)
    {
        var offered = Offered();
        long oldest = _sampler.Report.OldestNews;
        var samples = _store.All.SelectMany(r => r.Copy(d => Newest(d, oldest)).Select(n =>
        {
            var source = offered.GetValueOrDefault((r.Owner, n.Name)).Source;
            return new OpenMetricsSample(
                KindName(r.Owner), Uuid(r.Owner), n.Name, source?.Units ?? "", source?.Description ?? "", n.Value);
        }));
        return DocumentAsync(
            context, OpenMetricsWriter.ContentType, 0, writer => OpenMetricsWriter.WriteAsync(samples, writer, context.RequestAborted));
    }

    private Task DataSourcesAsync(HttpContext context)
    {
        var recorded = _store.All.ToDictionary(r => r.Owner, r => r.Copy(d => d.DataSources.Select(s => s.Name).ToHashSet()));
        IReadOnlyList<DataSourceStatus> sources =
        [
            .. Offered().Select(o => new DataSourceStatus(
                KindName(o.Key.Owner),
                Uuid(o.Key.Owner),
                o.Key.Name,
                o.Value.Plugin,
                o.Value.Source.Type.ToString().ToLowerInvariant(),
                o.Value.Source.Units,
                o.Value.Source.Description,
                recorded.GetValueOrDefault(o.Key.Owner)?.Contains(o.Key.Name) == true)),
        ];
        return context.Response.WriteAsJsonAsync(sources, StatusJson.Default.IReadOnlyListDataSourceStatus, cancellationToken: context.RequestAborted);
    }

    private Task CapabilitiesAsync(HttpContext context)
    {
        IReadOnlyList<CapabilityStatus> capabilities = [.. _capabilities.Report().Select(c => new CapabilityStatus(c.Name, c.SrTypes, c.Srs))];
        return context.Response.WriteAsJsonAsync(
            capabilities, StatusJson.Default.IReadOnlyListCapabilityStatus, cancellationToken: context.RequestAborted);
    }

    private Task StatusAsync(HttpContext context)
    {
        var ticks = _sampler.Report;
        var disk = _sync.Report;
        var process = Process();
        var peers = _pages.All.ToDictionary(p => p.Uid, p => p.Peer);
        var status = new StatusDocument(
            _host.Version,
            _host.Uuid,
            _time.GetElapsedTime(_started).TotalSeconds,
            ticks.Ticks,
            ticks.Missed,
            ticks.ClockJumps,
            ticks.AheadSeconds,
            ticks.LastStepEnd,
            ticks.LastDurationMs,
            _sampler.UntilNextReading.TotalSeconds,
            new StoreStatus(disk.UnsyncedSeconds, disk.Failed, disk.InMemory, disk.BytesOnDisk, disk.LastRoundSeconds),
            [.. _store.All.Select(r => r.Copy(d => new OwnerStatus(KindName(r.Owner), Uuid(r.Owner), d.DataSources.Count(), d.LastUpdated)))],
            [.. _sampler.Plugins.Select(p => Status(p, peers.GetValueOrDefault(p.Uid)))],
            [.. _processes().Select(Status)],
            [.. _failedTransfers().Select(f => new FailedTransferStatus(f.Uuid, f.To, f.Reason, f.At.ToUnixTimeMilliseconds() / 1000.0))],
            [.. process.Tasks.Select(t => new TaskStatus(
                t.Name, t.State.ToLowerInvariant(), t.Failures, t.Reason, t.FailedAt?.ToUnixTimeMilliseconds() / 1000.0))],
            new ConnectionStatus(
                process.Connections.Open, process.Connections.Limit, process.Connections.OutsideLimit, process.Connections.Refused),
            process.LostLogLines,
            process.CertificateEnds?.ToUnixTimeSeconds());
        return context.Response.WriteAsJsonAsync(status, StatusJson.Default.StatusDocument, cancellationToken: context.RequestAborted);
    }

    private static PluginStatus Status(PluginReport plugin, PeerIdentity? peer) => new(
        plugin.Uid,
        plugin.State.ToString().ToLowerInvariant(),
        plugin.Status.ToString(),
        plugin.Detail,
        plugin.PageVersion,
        double.IsNaN(plugin.LastSample) ? null : plugin.LastSample,
        plugin.ReadDurationMs,
        plugin.Sources.Count,
        plugin.Refused,
        plugin.LeftOut,
        plugin.Counts.Index().Where(c => c.Item > 0).ToDictionary(c => ((PageStatus)c.Index).ToString(), c => c.Item),
        peer is { } known ? new PeerStatus(known.Pid, known.UserId, known.GroupId) : null);

    private static ProcessStatus Status(PluginRunReport plugin) => new(
        plugin.Name,
        plugin.Manifest?.Version ?? "",
        plugin.Manifest?.Description ?? "",
        plugin.Folder,
        plugin.Manifest is { } manifest ? JsonNamingPolicy.KebabCaseLower.ConvertName(manifest.Kind.ToString()) : "",
        JsonNamingPolicy.KebabCaseLower.ConvertName(plugin.State.ToString()),
        plugin.Reason,
        plugin.Pid > 0 ? plugin.Pid : null,
        plugin.StartedAt?.ToUnixTimeMilliseconds() / 1000.0,
        plugin.Restarts,
        double.IsNaN(plugin.CpuSecondsPerTick) ? null : plugin.CpuSecondsPerTick,
        plugin.Processes,
        plugin.ResidentBytes,
        plugin.Manifest?.Pages ?? [],
        [.. (plugin.Manifest?.Capabilities ?? []).Select(c => new PromisedStatus(c.Name, c.SrTypes))]);

    /// <summary>What plugins report now, by owner and name; the first plugin counts.</summary>
    private Dictionary<(RrdOwner Owner, string Name), (ReportedSource Source, string Plugin)> Offered()
    {
        var result = new Dictionary<(RrdOwner, string), (ReportedSource, string)>();
        foreach (var plugin in _sampler.Plugins)
        {
            foreach (var source in plugin.Sources)
            {
                result.TryAdd((source.Owner.ToRrdOwner(), source.Name), (source, plugin.Uid));
            }
        }
        return result;
    }

    private static List<(string Name, double Value)> Newest(RoundRobinDatabase rrd, long oldestStep) =>
        [.. rrd.DataSources.Select(s => (s.Name, rrd.Newest(s.Name, oldestStep)!.Value))];

    private string Prefix(RrdOwner owner) => $"{KindName(owner)}:{Uuid(owner)}";

    private string Uuid(RrdOwner owner) => owner.Kind == RrdOwnerKind.Host ? _host.Uuid : owner.Uuid;

    private static string KindName(RrdOwner owner) => owner.Kind switch
    {
        RrdOwnerKind.Vm => "vm",
        RrdOwnerKind.Sr => "sr",
        _ => "host",
    };
}
