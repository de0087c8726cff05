using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using CollectorAgent.Protocol;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Cli.Tests;

public sealed class VerbTests : AgentTests
{
    private const string HostPrefix = $"AVERAGE:host:{CannedAgent.HostUuid}:";

    [Fact]
    public async Task Status_tells_ticks_and_owners()
    {
        var result = await RunAsync("status");

        Assert.Equal(0, result.Code);
        Assert.Equal(
            $"""
            agent    9.8.7 on host {CannedAgent.HostUuid}, up 1 h 2 min, at the socket {Agent.Root}/var/lib/xcp/xcp-rrdd
            ticks    745, 3 missed, 0 clock jumps; the last took 0.75 ms, the next comes in 0.0 s
            recorded up to 2023-11-14T22:20:00Z
            plugins  2, 1 live; 3 data sources recorded
            wrong    array: see 'collectorctl plugins'
            not sent vm?1 to 10.0.0.2, 1 min 45 s ago: it answered 507: no room

            OWNER                                      DATA SOURCES  LAST UPDATE
            host {CannedAgent.HostUuid}             3      2 s ago

            """,
            result.Output);
    }

    [Fact]
    public async Task Status_tells_of_a_tick_under_way_and_of_pages_that_wait()
    {
        Agent.AnswerWith("/status", """{"tick_since": 1700000401, "waiting_pages": 12, "waiting_owners": 1}""");

        string[] lines = (await RunAsync("status")).Output.Split('\n');

        Assert.Contains("ticking  since 4 s", lines);
        Assert.Contains("waiting  12 pages and 1 owner of other pages: too much has changed for one tick; their values are late", lines);
    }

    [Fact]
    public async Task Status_tells_what_somebody_has_to_look_after()
    {
        Agent.AnswerWith("/status", """
            {
              "processes": [{"name": "a", "state": "wrong"}, {"name": "b", "state": "given-up"}, {"name": "c", "state": "running"}],
              "store": {"failed": 1, "in_memory": 3},
              "tasks": [{"name": "page-watcher", "state": "waiting", "reason": "no room"}, {"name": "warm-up", "state": "done", "reason": "old"}],
              "lost_log_lines": 45
            }
            """);

        string[] lines = (await RunAsync("status")).Output.Split('\n');

        Assert.Contains("wrong    a, b: see 'collectorctl plugins'", lines);
        Assert.Contains("disk     3 owners not on disk, and lost if the host fails: see the log", lines);
        Assert.Contains("failed   page-watcher, tried again: no room", lines);
        Assert.DoesNotContain(lines, l => l.Contains("warm-up", StringComparison.Ordinal));
        Assert.Contains("log      45 lines were lost: they were not read, or could not be written", lines);
    }

    [Fact]
    public async Task Samples_that_are_too_old_are_told_by_their_age()
    {
        Agent.AnswerWith("/status", """{"plugins": [{"uid": "p", "state": "silent", "status": "Unchanged", "detail": "Its newest sample is 900 s old"}]}""");

        Assert.Contains("p: Its newest sample is 900 s old", (await RunAsync("plugins")).Output.Split('\n'));
    }

    [Fact]
    public async Task Plugins_are_a_table_with_their_trouble_and_no_control_codes()
    {
        var result = await RunAsync("plugins");

        Assert.Equal(
            """
            PLUGIN  VERSION  STATE     PID  RESTARTS  CPU  MEMORY
            good    1.2      running  4711         0  1 %  50 MiB
            array            wrong                 0
            array: /b/plugin.json: no?[2Jname

            PAGE  STATE    FORMAT  SOURCES  LAST SAMPLE     READ
            good  live         V2        3      2 s ago  0.13 ms
            bad   failing      V1        0        never  0.00 ms
            bad: InvalidMetadata: no?[2Jname
            bad: refused host: cpu_avg, which another plugin reports, or the page has twice
            bad: left out family a: ?no

            """,
            result.Output);
    }

    [Fact]
    public async Task Plugin_that_has_given_no_sample_is_not_said_to_run_and_lines_fit_a_hundred_columns()
    {
        string name = "array-with-a-name-" + new string('x', 100);
        string processes = string.Join(',', new[]
        {
            ("none", "", "null"), ("hangs", "run gave no block within a minute and was killed", "1700000000"), ("quiet", "", "1700000000"),
            ("live", "an old complaint", "1700000000"), ("empty", "run, line 1, 'what is this': behind the name there is no number", "1700000000"),
            ("broken", "", "1700000000"), ("taken", "", "1700000000"), (name, string.Join(' ', Enumerable.Repeat("words", 40)) + new string('y', 150), "1700000000"),
        }.Select(p => $$"""
            {"name": "{{p.Item1}}", "version": "1.2.3-with-more-of-it", "state": "running", "reason": "{{p.Item2}}", "pid": 4711, "started": {{p.Item3}},
             "restarts": 0, "processes": 1, "memory_bytes": 52428800, "pages": ["{{p.Item1}}"]}
            """));
        string pages = string.Join(',', new[] { ("quiet", "silent", 1), ("live", "live", 2), ("taken", "live", 1), ("empty", "live", 0), ("broken", "failing", 0), (name, "waiting", 0) }.Select(p => $$"""
            {"uid": "{{p.Item1}}", "state": "{{p.Item2}}", "status": "Ok", "data_sources": {{p.Item3}}, "last_sample": 1700000402.5, "read_ms": 0.1,
             "refused": [{{(p.Item1 == "empty" ? "" : $"\"host: {new string('z', 120)}\"")}}]}
            """));
        Agent.AnswerWith("/status", $$"""{"processes": [{{processes}}], "plugins": [{{pages}}]}""");

        var result = await RunAsync("plugins");

        string[] lines = result.Output.Split('\n');
        string State(string plugin) => lines.First(l => l.StartsWith(plugin, StringComparison.Ordinal)).Split("  ", StringSplitOptions.RemoveEmptyEntries)[2];
        Assert.Equal(
            ["no sample", "no sample", "silent", "running", "no values", "failing", "no values", "no sample"],
            new[] { "none", "hangs", "quiet", "live", "empty", "broken", "taken", "array-with-a-name-xxxxxxxxxxxxx…" }.Select(State));
        Assert.Contains("none: no sample yet; it has said nothing of why", lines);
        Assert.Contains("hangs: run gave no block within a minute and was killed", lines);
        Assert.Contains("quiet: no new sample for three ticks; it has said nothing of why", lines);
        Assert.Contains("taken: its data sources are refused, as host:", lines);
        Assert.Contains("empty: run, line 1, 'what is this': behind the name there is no number", lines);
        Assert.Contains("broken: its page cannot be read; the reason is below", lines);
        Assert.DoesNotContain("old complaint", result.Output, StringComparison.Ordinal);
        Assert.All(lines, l => Assert.InRange(l.Length, 0, 100));
    }

    [Fact]
    public async Task Json_of_status_is_the_document_of_the_agent()
    {
        var status = await RunAsync("status", "--json");
        var plugins = await RunAsync("plugins", "--json");

        Assert.Equal(CannedAgent.Status + "\n", status.Output);
        Assert.Equal("bad", JsonDocument.Parse(plugins.Output).RootElement.GetProperty("plugins")[1].GetProperty("uid").GetString());
        Assert.Equal(4711, JsonDocument.Parse(plugins.Output).RootElement.GetProperty("processes")[0].GetProperty("pid").GetInt32());
    }

    [Fact]
    public async Task Top_prints_a_block_for_each_tick_without_control_codes_when_redirected()
    {
        Agent.StepsPerReading.Enqueue(1);

        var result = await RunAsync("top", "--count", "2", "--owner", "host");

        Assert.Equal(0, result.Code);
        Assert.DoesNotContain('\e', result.Output);
        string[] blocks = result.Output.Split("\n\n");
        Assert.Equal(2, blocks.Length);
        Assert.StartsWith("2023-11-14T22:20:00Z  3 data sources\n", blocks[0], StringComparison.Ordinal);
        Assert.StartsWith("2023-11-14T22:20:05Z  3 data sources\n", blocks[1], StringComparison.Ordinal);
        string[] memory = blocks[1].Split('\n')[2].Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] cpu = blocks[1].Split('\n')[3].Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal(["memory_free_kib", "host", "81 KiB"], memory[..3]);
        Assert.Equal(["cpu_avg", "host", "8125 %", "5725 %", "6935 %", "8125 %"], cpu[..6]);
        Assert.Contains($"/rrd_updates?json&start=-120&cf=AVERAGE&host=true&vm_uuid=none&sr_uuid=none", Agent.Requests);
    }

    [Fact]
    public async Task Top_shows_what_the_filter_says_and_does_without_units()
    {
        Agent.AnswerWith("/data_sources", "no such page", 404);

        var result = await RunAsync("top", "CPU", "--count", "1");

        Assert.Equal(["cpu_avg", "cpu0", "cpu0"], result.Lines[2..].Select(l => l.Split(' ')[0]));
        Assert.Contains("80.25", result.Lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Top_leaves_out_what_has_been_unknown_for_an_hour()
    {
        const string Head = "{\"meta\":{\"step\":\"60\",\"end\":\"1700000400\",\"legend\":[\"AVERAGE:host:h:here\",\"AVERAGE:host:h:gone\",\"AVERAGE:host:h:back\"]},\"data\":[";
        Agent.Answers["/rrd_updates"] = context => context.Response.WriteAsync(Head + (context.Request.Query["interval"].Count > 0
            ? "{\"t\":\"1700000400\",\"values\":[\"1\",\"NaN\",\"NaN\"]},{\"t\":\"1700000340\",\"values\":[\"NaN\",\"NaN\",\"NaN\"]}]}"
            : "{\"t\":\"1700000400\",\"values\":[\"NaN\",\"NaN\",\"2\"]}]}"));

        var result = await RunAsync("top", "--count", "1");

        Assert.Equal(["here", "back"], result.Lines[2..].Select(l => l.Split(' ')[0]));
        Assert.StartsWith("2023-11-14T22:20:00Z  2 data sources", result.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Query_prints_rows_oldest_first_with_a_column_for_each_owner()
    {
        var result = await RunAsync("query", "cpu0", "--start", "-20");

        Assert.Equal(
            """
            TIME                  vm 0a7e3d2c  sr 5f2f8a1c
            2023-11-14T22:19:40Z           76           76
            2023-11-14T22:19:45Z           77           77
            2023-11-14T22:19:50Z           78           78
            2023-11-14T22:19:55Z          NaN          NaN
            2023-11-14T22:20:00Z           80           80

            """,
            result.Output);
    }

    [Fact]
    public async Task Query_as_json_has_null_for_unknown()
    {
        var result = await RunAsync("query", "cpu0", "--start", "-5", "--owner", "vm", CannedAgent.VmUuid, "--json");

        Assert.Equal(
            $$"""
            {"name":"cpu0","step":5,"columns":[{"cf":"AVERAGE","owner":"vm","uuid":"{{CannedAgent.VmUuid}}"}],"rows":[{"t":1700000395,"values":[null]},{"t":1700000400,"values":[80]}]}

            """,
            result.Output);
    }

    [Fact]
    public async Task Query_asks_for_interval_and_function()
    {
        var result = await RunAsync("query", "cpu_avg", "--interval", "60", "--cf", "MAX", "--start", "-120");

        Assert.Contains($"/rrd_updates?json&start=-120&interval=60&cf=MAX&host=true&vm_uuid=all&sr_uuid=all", Agent.Requests);
        Assert.Equal("TIME                  host, (fraction)", result.Lines[0]);
        Assert.Equal("2023-11-14T22:20:00Z", result.Lines[^1][..20]);
    }

    [Fact]
    public async Task Dump_is_the_document_of_the_agent()
    {
        string document = "<?xml version=\"1.0\"?>\n<rrd>anything ünïcode</rrd>";
        Agent.AnswerWith("/vm_rrd", document);

        Assert.Equal(document, (await RunAsync("dump", "vm", CannedAgent.VmUuid)).Output);
        Assert.Contains($"/vm_rrd?uuid={CannedAgent.VmUuid}", Agent.Requests);
    }

    [Fact]
    public async Task Dump_asks_for_the_form_it_is_told_to()
    {
        var xml = await RunAsync("dump");
        var json = await RunAsync("dump", "--json");

        Assert.Equal("rrd", XDocument.Parse(xml.Output).Root!.Name);
        Assert.Equal("5", JsonDocument.Parse(json.Output).RootElement.GetProperty("step").GetString());
    }

    [Fact]
    public async Task Csv_has_a_heading_and_rows_oldest_first()
    {
        var result = await RunAsync("csv", "AVERAGE:host::", "--start", "-5");

        Assert.Equal(
            $"""
            timestamp, {HostPrefix}memory_free_kib, {HostPrefix}cpu_avg, "{HostPrefix}odd ""name"", ünïcode"
            2023-11-14T22:19:55Z, N/A, N/A, N/A
            2023-11-14T22:20:00Z, 80, 80.25, 80.5

            """,
            result.Output);
    }

    [Fact]
    public async Task Follow_writes_every_row_once()
    {
        int[] growth = [0, 1, 3, 0, 0, 2, 1];
        foreach (int steps in growth)
        {
            Agent.StepsPerReading.Enqueue(steps);
        }
        int rows = 3 + growth.Sum();

        var result = await CollectorCtl.InterruptAsync(1 + rows, Task.CompletedTask, "csv", "--follow", "cpu_avg", "--start", "-10", "--root", Agent.Root);

        var times = result.Lines[1..].Select(l => DateTimeOffset.Parse(l.Split(',')[0], CultureInfo.InvariantCulture).ToUnixTimeSeconds());
        Assert.Equal(Enumerable.Range(0, rows).Select(i => History.End - 10 + (i * 5)), times);
        Assert.Equal($"{result.Lines[^1][..20]}, {History.Value(History.FirstStep + History.Steps + growth.Sum(), 1).ToString(CultureInfo.InvariantCulture)}", result.Lines[^1]);
    }

    [Fact]
    public async Task Follow_says_which_rows_the_agent_no_longer_has()
    {
        Agent.StepsPerReading.Enqueue(200);
        Agent.StepsPerReading.Enqueue(0);
        Agent.StepsPerReading.Enqueue(1);

        var result = await CollectorCtl.InterruptAsync(4, Task.CompletedTask, "csv", "--follow", "memory_free", "--start", "-1", "--root", Agent.Root);

        Assert.Equal(["2023-11-14T22:20:00Z, 80", "2023-11-14T22:36:40Z, 280", "2023-11-14T22:36:45Z, 281"], result.Lines[1..4]);
        Assert.Equal("collectorctl: the rows after 2023-11-14T22:20:00Z are no longer kept every 5 s; going on with the newest.\n", result.Errors);
    }

    [Fact]
    public async Task Follow_writes_no_row_twice_keeps_the_columns_of_the_heading_and_tells_of_new_ones_once()
    {
        const string First = """{"meta":{"step":"5","end":"5","legend":["AVERAGE:host:h:a"]},"data":[{"t":"5","values":["1"]}]}""";
        const string Later = """
            {"meta":{"step":"5","end":"NEW","legend":["AVERAGE:vm:v:b","AVERAGE:host:h:a"]},
             "data":[{"t":"NEW","values":["9","2"]},{"t":"OLD","values":["9","1"]}]}
            """;
        int end = 0;
        Agent.Answers["/rrd_updates"] = context =>
        {
            string old = end.ToString(CultureInfo.InvariantCulture);
            end += 5;
            return context.Response.WriteAsync(old == "0" ? First : Later
                .Replace("NEW", end.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
                .Replace("OLD", old, StringComparison.Ordinal));
        };

        var result = await CollectorCtl.InterruptAsync(4, Task.CompletedTask, "csv", "-f", "--root", Agent.Root);

        Assert.Equal(
            ["timestamp, AVERAGE:host:h:a", "1970-01-01T00:00:05Z, 1", "1970-01-01T00:00:10Z, 2", "1970-01-01T00:00:15Z, 2"],
            result.Lines[..4]);
        Assert.Equal("collectorctl: AVERAGE:vm:v:b is new and has no column; start anew to have it.\n", result.Errors);
    }

    [Theory]
    [InlineData]
    [InlineData("status")]
    [InlineData("plugins")]
    [InlineData("top")]
    [InlineData("query")]
    [InlineData("dump")]
    [InlineData("csv")]
    [InlineData("capabilities")]
    [InlineData("plugin", "restart")]
    public async Task Help_has_an_example_or_the_exit_codes(params string[] verb)
    {
        var result = await CollectorCtl.RunAsync([.. verb, "--help"]);

        Assert.Equal(0, result.Code);
        Assert.Contains(verb.Length > 0 ? $"Example:\n  collectorctl {string.Join(' ', verb)}" : "Exit codes:\n  0    done", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capabilities_are_a_table_or_the_document_of_the_agent()
    {
        const string Document = """[{"name": "SR_STATS", "sr_types": ["ext", "nfs"], "srs": ["5f2f8a1c-93b0-4e39-8d75-2d3c0b8a9f64"]}]""";
        Agent.AnswerWith("/capabilities", Document);

        Assert.Equal(
            """
            CAPABILITY  SR TYPES  SRS
            SR_STATS    ext nfs   5f2f8a1c-93b0-4e39-8d75-2d3c0b8a9f64

            """,
            (await RunAsync("capabilities")).Output);
        Assert.Equal(Document + "\n", (await RunAsync("capabilities", "--json")).Output);
    }

    [Fact]
    public async Task Plugin_is_started_anew_by_a_call_and_a_refusal_is_said()
    {
        XmlRpcCall? call = null;
        var answer = RpcReply.Succeeded(XmlRpcValue.Nothing);
        Agent.Answers["/"] = async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            call = XmlRpc.ReadCall(new MemoryStream(body.ToArray()));
            await context.Response.Body.WriteAsync(XmlRpc.WriteResponse(answer));
        };

        var done = await RunAsync("plugin", "restart", "array");
        answer = RpcReply.Failed(RpcError.InternalError, "there is no plugin called array that can be started");
        var refused = await RunAsync("plugin", "restart", "array");

        Assert.Equal((0, "", ""), (done.Code, done.Output, done.Errors));
        Assert.Equal(("Plugin.restart", "array"), (call!.Method, (call.Parameters[0] as XmlRpcValue.Struct)!.Find("name")!.AsText));
        Assert.Equal(4, refused.Code);
        Assert.Contains("refuses Rrdd_internal_error: there is no plugin called array that can be started", refused.Errors, StringComparison.Ordinal);
    }
}
