using System.Collections.Concurrent;
using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Cli.Tests;

/// <summary>A server on the socket of a root of its own, with documents of three owners, or others that a test puts there.</summary>
internal sealed class CannedAgent : IAsyncDisposable
{
    public const string HostUuid = "a8cc169d-8036-4cfd-ad1f-19285b8bb1c9";
    public const string VmUuid = "0a7e3d2c-5b1f-4a52-9a86-0c2f6d1b7e11";
    public const string SrUuid = "5f2f8a1c-93b0-4e39-8d75-2d3c0b8a9f64";

    public const string Status = """
        {
          "version": "9.8.7",
          "host_uuid": "a8cc169d-8036-4cfd-ad1f-19285b8bb1c9",
          "uptime_seconds": 3725.5,
          "ticks": 745,
          "missed_ticks": 3,
          "clock_jumps": 0,
          "recorded_ahead_seconds": 0,
          "last_step": 1700000400,
          "last_tick_ms": 0.75,
          "next_reading_seconds": 0,
          "failed_transfers": [{"uuid": "vm\u001b1", "to": "10.0.0.2", "reason": "it answered 507: no room", "at": 1700000300}],
          "something_of_a_later_version": [1, {"a": "b"}],
          "owners": [{"kind": "host", "uuid": "a8cc169d-8036-4cfd-ad1f-19285b8bb1c9", "data_sources": 3, "last_updated": 1700000402.5}],
          "plugins": [
            {"uid": "good", "state": "live", "status": "Ok", "detail": "", "page_version": 2, "last_sample": 1700000402.5, "read_ms": 0.125,
             "data_sources": 3, "refused": [], "counts": {"ok": 745}, "peer": null},
            {"uid": "bad", "state": "failing", "status": "InvalidMetadata", "detail": "no\u001b[2Jname", "page_version": 1, "last_sample": null,
             "read_ms": 0, "data_sources": 0, "refused": ["host: cpu_avg"], "left_out": ["family a: \u001bno"], "counts": {}, "peer": null}
          ],
          "processes": [
            {"name": "good", "version": "1.2", "folder": "/a", "kind": "executable", "state": "running", "reason": "", "pid": 4711, "started": 1700000000,
             "restarts": 0, "cpu_seconds_per_tick": 0.05, "processes": 2, "memory_bytes": 52428800, "pages": ["good"], "capabilities": []},
            {"name": "array", "version": "", "folder": "/b", "kind": "", "state": "wrong", "reason": "/b/plugin.json: no\u001b[2Jname", "pid": null,
             "started": null, "restarts": 0, "cpu_seconds_per_tick": null, "processes": 0, "memory_bytes": 0, "pages": [], "capabilities": []}
          ]
        }
        """;

    private const string Sources = """
        [
          {"owner": "host", "uuid": "a8cc169d-8036-4cfd-ad1f-19285b8bb1c9", "name": "memory_free_kib", "plugin": "p", "type": "gauge", "units": "KiB", "description": "", "recorded": true},
          {"owner": "host", "uuid": "a8cc169d-8036-4cfd-ad1f-19285b8bb1c9", "name": "cpu_avg", "plugin": "p", "type": "gauge", "units": "(fraction)", "description": "", "recorded": true}
        ]
        """;

    private readonly WebApplication _web;

    private CannedAgent(WebApplication web, string root)
    {
        _web = web;
        Root = root;
    }

    public string Root { get; }

    /// <summary>The history of the host: grows by <see cref="StepsPerReading"/> before each answer with rows but the first.</summary>
    public RoundRobinDatabase Host { get; } = History.Of("memory_free_kib", "cpu_avg", "odd \"name\", ünïcode");

    public RoundRobinDatabase Vm { get; } = History.Of("cpu0", "memory_with_a_name_that_is_too_long", "memory_with_a_name_that_is_even_longer");

    public RoundRobinDatabase Sr { get; } = History.Of("cpu0");

    public Queue<int> StepsPerReading { get; } = new();

    /// <summary>Answers in place of the usual ones, by path.</summary>
    public ConcurrentDictionary<string, RequestDelegate> Answers { get; } = new();

    /// <summary>Paths and queries that were asked for.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    public static async Task<CannedAgent> StartAsync()
    {
        string root = Directory.CreateTempSubdirectory("ctl-").FullName;
        var paths = new AgentPaths(root);
        Directory.CreateDirectory(Path.GetDirectoryName(paths.Socket)!);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.ListenUnixSocket(paths.Socket));
        var web = builder.Build();
        var agent = new CannedAgent(web, root);
        web.Run(agent.AnswerAsync);
        await web.StartAsync();
        return agent;
    }

    public void AnswerWith(string path, string text, int status = 200) => Answers[path] = context =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(text);
    };

    public async ValueTask DisposeAsync()
    {
        await _web.StopAsync(new CancellationToken(canceled: true));
        await _web.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        string path = context.Request.Path.Value!;
        Requests.Enqueue(path + context.Request.QueryString);
        context.Response.Headers.Date = "Tue, 14 Nov 2023 22:20:05 GMT";
        if (Answers.TryGetValue(path, out var answer))
        {
            await answer(context);
            return;
        }
        string uuid = context.Request.Query["uuid"].ToString();
        await (path switch
        {
            "/status" => context.Response.WriteAsync(Status),
            "/data_sources" => context.Response.WriteAsync(Sources),
            "/rrd_updates" => UpdatesAsync(context),
            "/host_rrd" => RrdAsync(context, Host),
            "/vm_rrd" when uuid == VmUuid => RrdAsync(context, Vm),
            _ => NotFoundAsync(context),
        });
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("There is nothing here.\n");
    }

    private static Task RrdAsync(HttpContext context, RoundRobinDatabase rrd) =>
        context.Request.Headers.Accept == "application/json"
            ? RrdJsonWriter.WriteAsync(rrd.Snapshot(), context.Response.BodyWriter, context.RequestAborted)
            : RrdXmlWriter.WriteAsync(rrd.Snapshot(), RrdForm.External, context.Response.BodyWriter, context.RequestAborted);

    private async Task UpdatesAsync(HttpContext context)
    {
        var query = context.Request.Query;
        bool isReading = query["interval"].Count == 0;
        if (isReading && Requests.Count(r => r.StartsWith("/rrd_updates", StringComparison.Ordinal)) > 1 && StepsPerReading.TryDequeue(out int steps))
        {
            History.Grow(Host, steps);
            History.Grow(Vm, steps);
            History.Grow(Sr, steps);
        }
        var selected = new List<(string Prefix, RoundRobinDatabase Rrd)>();
        if (query["host"] == "true")
        {
            selected.Add(($"host:{HostUuid}", Host));
        }
        if (query["vm_uuid"].ToString() is "all" or VmUuid)
        {
            selected.Add(($"vm:{VmUuid}", Vm));
        }
        if (query["sr_uuid"].ToString() is "all" or SrUuid)
        {
            selected.Add(($"sr:{SrUuid}", Sr));
        }
        _ = long.TryParse(query["interval"], CultureInfo.InvariantCulture, out long interval);
        var plan = XportPlan.Create(
            new XportQuery(long.Parse(query["start"]!, CultureInfo.InvariantCulture), interval, FunctionNames.ParseFunction(query["cf"])),
            selected.Select(s => s.Rrd.Layout),
            (long)Host.LastUpdated);
        await new Xport(plan, [.. selected.Select(s => new XportColumns(plan, s.Rrd.Rows(), s.Prefix))]).WriteJsonAsync(
            context.Response.BodyWriter, context.RequestAborted);
    }
}
