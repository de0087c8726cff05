using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
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
public sealed class ReadEndpoints : IDisposable
{
    private readonly RrdStore _store;
    private readonly StoreSync _sync;
    private readonly Sampler _sampler;
    private readonly PageRegistry _pages;
    private readonly Func<IReadOnlyList<PluginRunReport>> _processes;
    private readonly Capabilities _capabilities;
    private readonly Func<IReadOnlyList<FailedTransfer>> _failedTransfers;
    private readonly HostInfo _host;
    private readonly DocumentBudget _documents;
    private readonly DocumentBudget _statuses;
    private readonly TimeProvider _time;
    private readonly long _started;

    private const string JsonType = "application/json; charset=utf-8";

    // What documents take, roughly and rather too much: an entry of the legend, a number, a reference to a name; one sample or data source
    // with what is looked up for it, in memory and as text; one owner, plugin or process in a status.
    private const int LegendBytes = 96;
    private const int NumberBytes = 24;
    private const int NameBytes = 16;
    private const int SampleBytes = 384;
    private const int SampleTextBytes = 160;
    private const int SourceTextBytes = 384;
    private const int StatusTextBytes = 512;

    private const int StatusesAtOnce = 16;

    // As few rows as these are worth one look at an RRD.
    private const int LeastCells = RrdRows.MostCellsAtOnce;

    // Ticks are counted from the start of the process.
    private readonly Guid _run = Guid.NewGuid();

    // What every web page may read: clients of the agents before this one are such pages.
    private static readonly string[] ForAll = ["/rrd_updates", "/host_rrd", "/vm_rrd", "/sr_rrd", TransferEndpoints.UnarchivePath];

    // A path belongs to the first of these it starts with: clients have asked for more than these in full.
    private readonly (string Prefix, Func<HttpContext, Task> Answer)[] _routes;

    /// <summary>How the agent itself is doing.</summary>
    public Func<ProcessReport> Process { get; init; } = () => new ProcessReport([], default, 0, null);

    /// <param name="processes">The plugins that the agent runs.</param>
    /// <param name="failedTransfers">What did not get to where it was to go.</param>
    /// <param name="documents">What documents of recorded values may take.</param>
    public ReadEndpoints(
        RrdStore store,
        StoreSync sync,
        Sampler sampler,
        PageRegistry pages,
        Func<IReadOnlyList<PluginRunReport>> processes,
        Capabilities capabilities,
        Func<IReadOnlyList<FailedTransfer>> failedTransfers,
        HostInfo host,
        DocumentBudget documents,
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
        _documents = documents;
        _statuses = new DocumentBudget(DocumentBudget.StatusBytes, StatusesAtOnce, time);
        _time = time;
        _started = time.GetTimestamp();
        _routes =
        [
            ("/rrd_updates", IfChanged(UpdatesAsync)),
            ("/host_rrd", IfChanged(context => RrdAsync(context, RrdOwner.Host))),
            ("/vm_rrd", IfChanged(context => RrdAsync(context, RrdOwnerKind.Vm))),
            ("/sr_rrd", IfChanged(context => RrdAsync(context, RrdOwnerKind.Sr))),
            ("/metrics", IfChanged(MetricsAsync, r => MetricsFormat.Of(r).ContentType)),
            ("/data_sources", DataSourcesAsync),
            ("/capabilities", CapabilitiesAsync),
            ("/status", StatusAsync),
        ];
    }

    public void Dispose() => _statuses.Dispose();

    /// <summary>Answers a GET.</summary>
    public Task HandleAsync(HttpContext context)
    {
        string path = context.Request.Path.Value ?? "/";
        foreach (var (prefix, answer) in _routes)
        {
            if (path.StartsWith(prefix, StringComparison.Ordinal))
            {
                context.Response.Headers.CacheControl = "no-cache, no-store";
                if (IsForAll(path))
                {
                    context.Response.Headers.AccessControlAllowOrigin = "*";
                }
                return answer(context);
            }
        }
        return SentenceAsync(context, StatusCodes.Status404NotFound, $"There is {string.Join(", ", _routes.Select(r => r.Prefix))}.");
    }

    /// <summary>Whether a web page of any origin may read a path.</summary>
    internal static bool IsForAll(PathString path) => Array.Exists(ForAll, p => path.Value?.StartsWith(p, StringComparison.Ordinal) == true);

    /// <summary>Answers only where an RRD may have changed since the document that the reader has.</summary>
    /// <param name="form">Which of its forms the document has; XML or JSON where nothing is said.</param>
    private Func<HttpContext, Task> IfChanged(Func<HttpContext, Task> answer, Func<HttpRequest, string>? form = null) => context =>
    {
        string kind = form is null ? DocumentFormats.Of(context.Request).ToString() : form(context.Request).Split(';')[0];
        // From before anything is copied: what is changed meanwhile is news to whoever asks next.
        var report = _sampler.Report;
        var tag = new EntityTagHeaderValue(
            string.Create(CultureInfo.InvariantCulture, $"\"{_run:N}-{report.Ticks}-{report.Changes}-{kind}\""), isWeak: true);
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
        var wanted = new XportQuery(
            start,
            long.TryParse(query["interval"].LastOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out long interval) ? interval : 0,
            FunctionNames.ParseFunction(query["cf"].LastOrDefault()));
        var selected = Sizes(new OwnerSelection(
            query["host"].LastOrDefault() == "true",
            UuidSelection.Parse(query["vm_uuid"], allIfAbsent: true),
            UuidSelection.Parse(query["sr_uuid"], allIfAbsent: false)));
        // Rows speak of the newest step that any of them has; before the first, of the newest tick.
        long lastUpdate = selected.Select(r => r.LastUpdate).DefaultIfEmpty(_sampler.Report.LastStepEnd).Max();
        var plan = XportPlan.Create(wanted, selected.Select(r => r.Layout), lastUpdate);
        await WithinAsync(context, _documents, CostOf(context.Request, plan, selected), lease => UpdatesAsync(context, plan, selected, lease));
    }

    private async Task UpdatesAsync(HttpContext context, XportPlan plan, List<RrdSize> selected, DocumentLease lease)
    {
        using var xport = new Xport(
            plan, [.. selected.Select(r => new XportColumns(plan, r.Owned.Copy(d => d.Rows(r.Owned.Gate)), Prefix(r.Owned.Owner)))], lease.Cells);
        if (context.Request.Protocol == HttpProtocol.Http11 && context.Request.Headers.Connection != "close")
        {
            context.Response.Headers.Connection = "keep-alive";
        }
        context.Response.Headers.AccessControlAllowHeaders = "X-Requested-With";
        var format = DocumentFormats.Of(context.Request);
        await DocumentAsync(context, lease, format.ContentType(), xport.LeastBytes, writer => format == DocumentFormat.Json
            ? xport.WriteJsonAsync(writer, context.RequestAborted)
            : xport.WriteXmlAsync(writer, context.RequestAborted));
    }

    private static DocumentCost CostOf(HttpRequest request, XportPlan plan, List<RrdSize> selected)
    {
        int columns = 0;
        int widest = 0;
        foreach (var rrd in selected)
        {
            int own = plan.Select(rrd.Layout).Count() * rrd.Columns;
            columns += own;
            widest = Math.Max(widest, own);
        }
        int most = Power(Xport.CellsWorthHolding(plan, columns, widest));
        long text = columns * (LegendBytes + (long)plan.RowCount * NumberBytes);
        return DocumentCost.Of(request, text, columns * NameBytes).WithCells(Math.Min(most, Power(Math.Max(columns, LeastCells))), most);
    }

    /// <summary>As arrays are rented.</summary>
    private static int Power(int cells) => (int)BitOperations.RoundUpToPowerOf2((uint)cells);

    private List<RrdSize> Sizes(OwnerSelection? selection = null) =>
    [
        .. _store.All.Where(r => selection?.Selects(r.Owner) != false)
            .Select(r => r.Copy(d => new RrdSize(r, d.Layout, (long)d.LastUpdated, d.Tiles.Sum(t => t.Columns.Count)))),
    ];

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
        int columns = owned.Copy(d => d.Tiles.Sum(t => t.Columns.Count));
        await WithinAsync(
            context,
            _documents,
            WholeRrd.CostOf(context.Request, columns),
            lease => WholeRrd.WriteAsync(context, lease, owned.Copy(r => r.Snapshot(owned.Gate))));
    }

    private Task MetricsAsync(HttpContext context)
    {
        long columns = Sizes().Sum(r => (long)r.Columns);
        return WithinAsync(context, _documents, DocumentCost.Of(context.Request, columns * SampleTextBytes, columns * SampleBytes), lease =>
        {
            var offered = Offered();
            long oldest = _sampler.Report.OldestNews;
            var samples = _store.All.SelectMany(r => Newest(r, oldest).Select(n =>
            {
                var source = offered.GetValueOrDefault((r.Owner, n.Name)).Source;
                return new OpenMetricsSample(
                    KindName(r.Owner), Uuid(r.Owner), n.Name, source?.Units ?? "", source?.Description ?? "", n.Value);
            }));
            var format = MetricsFormat.Of(context.Request);
            context.Response.Headers.Vary = "Accept";
            return DocumentAsync(context, lease, format.ContentType, 0, writer => format.WriteAsync(samples, writer, context.RequestAborted));
        });
    }

    private Task DataSourcesAsync(HttpContext context)
    {
        long count = _sampler.Plugins.Sum(p => (long)p.Sources.Count) + Sizes().Sum(r => (long)r.Columns);
        return WithinAsync(context, _documents, DocumentCost.Of(context.Request, count * SourceTextBytes, count * SampleBytes), lease =>
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
            return JsonAsync(context, lease, sources, StatusJson.Default.IReadOnlyListDataSourceStatus);
        });
    }

    private Task CapabilitiesAsync(HttpContext context)
    {
        IReadOnlyList<CapabilityStatus> capabilities = [.. _capabilities.Report().Select(c => new CapabilityStatus(c.Name, c.SrTypes, c.Srs))];
        return WithinAsync(context, _statuses, DocumentCost.Of(context.Request, capabilities.Count * StatusTextBytes, 0), lease =>
            JsonAsync(context, lease, capabilities, StatusJson.Default.IReadOnlyListCapabilityStatus));
    }

    private Task StatusAsync(HttpContext context)
    {
        long entries = _store.All.Count + _sampler.Plugins.Count + _processes().Count;
        return WithinAsync(
            context,
            _statuses,
            DocumentCost.Of(context.Request, entries * StatusTextBytes, entries * SampleBytes),
            lease => JsonAsync(context, lease, Status(), StatusJson.Default.StatusDocument));
    }

    private StatusDocument Status()
    {
        var ticks = _sampler.Report;
        var disk = _sync.Report;
        var process = Process();
        var peers = _pages.All.ToDictionary(p => p.Uid, p => p.Peer);
        var readers = _documents.Report;
        return new StatusDocument(
            _host.Version,
            _host.Uuid,
            _time.GetElapsedTime(_started).TotalSeconds,
            ticks.Ticks,
            ticks.Missed,
            ticks.ClockJumps,
            ticks.AheadSeconds,
            ticks.LastStepEnd,
            ticks.LastDurationMs,
            ticks.LastLatenessMs,
            _sampler.UntilNextReading.TotalSeconds,
            ticks.TickSince,
            ticks.WaitingPages,
            ticks.WaitingOwners,
            new ReadersStatus(readers.Documents, readers.Bytes, readers.Waiting, readers.Refused, readers.Dropped),
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
    }

    private static Task JsonAsync<T>(HttpContext context, DocumentLease lease, T value, JsonTypeInfo<T> type) =>
        DocumentAsync(context, lease, JsonType, 0, writer => JsonSerializer.SerializeAsync(writer, value, type, context.RequestAborted));

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

    /// <summary>The newest values of an owner; unknown where nothing was recorded since a step.</summary>
    private static IEnumerable<(string Name, double Value)> Newest(OwnedRrd owned, long oldestStep)
    {
        var (rows, lastStep) = owned.Copy(d => (d.Rows(owned.Gate), d.LastStep));
        double[] values = new double[rows.Columns];
        var (finest, rra) = rows.Layout.Rras.Index().MinBy(r => r.Item.PdpPerCdp);
        if (lastStep < oldestStep || !rows.TryCopyRow(finest, lastStep / rra.PdpPerCdp - 1, values))
        {
            values.AsSpan().Fill(double.NaN);
        }
        return rows.DataSources.Select((s, i) => (s.Name, values[i]));
    }

    private string Prefix(RrdOwner owner) => $"{KindName(owner)}:{Uuid(owner)}";

    private string Uuid(RrdOwner owner) => owner.Kind == RrdOwnerKind.Host ? _host.Uuid : owner.Uuid;

    private static string KindName(RrdOwner owner) => owner.Kind switch
    {
        RrdOwnerKind.Vm => "vm",
        RrdOwnerKind.Sr => "sr",
        _ => "host",
    };
}
