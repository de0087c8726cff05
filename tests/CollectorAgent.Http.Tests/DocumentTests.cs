using System.Net;

namespace CollectorAgent.Http.Tests;

/// <summary>Whole RRDs, metrics and the state of the agent.</summary>
public sealed class DocumentTests(EndpointRig rig) : IClassFixture<EndpointRig>
{
    [Theory]
    [InlineData("/host_rrd", "memory_free_kib")]
    [InlineData("/host_rrds", "memory_free_kib")]
    [InlineData($"/vm_rrd?uuid={EndpointRig.Vm1}", "cpu0")]
    [InlineData($"/vm_rrds?uuid={EndpointRig.Vm1}", "cpu0")]
    [InlineData($"/vm_rrd?session_id=x&uuid={EndpointRig.Vm1}", "cpu0")]
    [InlineData($"/sr_rrd?uuid={EndpointRig.Sr}", "physical_utilisation")]
    public async Task Path_is_matched_by_its_prefix(string path, string expected)
    {
        var rrd = await rig.XmlAsync(path);

        Assert.Equal(expected, rrd.Element("ds")!.Element("name")!.Value);
    }

    private const string OpenMetrics = "application/openmetrics-text";

    private const string PrometheusServer = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
        + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1";

    [Theory]
    [InlineData(null, OpenMetrics)]
    [InlineData(OpenMetrics, OpenMetrics)]
    [InlineData("APPLICATION/OpenMetrics-Text; version=1.0.0", OpenMetrics)]
    [InlineData(PrometheusServer, OpenMetrics)]
    [InlineData("application/openmetrics-text, text/plain", OpenMetrics)]
    [InlineData("application/openmetrics-text, */*;q=0.1", OpenMetrics)]
    [InlineData("text/plain;version=1.0.0, application/openmetrics-text;q=0.1", OpenMetrics)]
    [InlineData("text/plain;version=0.0.4", "text/plain")]
    [InlineData("text/plain", "text/plain")]
    [InlineData("text/plain;q=0.9, application/openmetrics-text;q=0.8", "text/plain")]
    [InlineData("application/openmetrics-text;q=0, text/plain", "text/plain")]
    [InlineData("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", "text/plain")]
    [InlineData("*/*", "text/plain")]
    [InlineData("text/html, image/gif, */*; q=.2", "text/plain")]
    [InlineData("application/json", "text/plain")]
    [InlineData("nonsense", "text/plain")]
    [InlineData("", "text/plain")]
    public async Task Metrics_are_open_metrics_where_asked_for_or_nothing_is_said_else_text_of_prometheus(string? accept, string expected)
    {
        using var response = await rig.GetAsync("/metrics", accept);
        string text = await response.Content.ReadAsStringAsync();

        Assert.Equal(expected, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(expected == OpenMetrics, text.EndsWith("# EOF\n", StringComparison.Ordinal));
        Assert.Equal(expected == OpenMetrics ? 1 : 0, text.Split("# UNIT collector_cpu0_ratio").Length - 1);
        Assert.Equal(text.Split("# TYPE ").Length, text.Split("# HELP ").Length);
        Assert.Contains("Accept", response.Headers.Vary);
    }

    [Fact]
    public async Task Times_of_rows_follow_from_what_stands_before_them()
    {
        var rrd = await rig.XmlAsync("/host_rrd");
        long last = long.Parse(rrd.Element("lastupdate")!.Value, System.Globalization.CultureInfo.InvariantCulture);
        var finest = rrd.Element("rra")!;

        Assert.Equal(EndpointRig.End, last / 5 * 5);
        Assert.Equal(["0003", "5"], rrd.Elements().Take(2).Select(e => e.Value));
        Assert.Equal(120, finest.Element("database")!.Elements("row").Count());
        Assert.Equal("1180", finest.Element("database")!.Elements("row").Last().Value);
        Assert.Equal([120, 120, 120, 120, 168, 168, 168, 366, 366, 366], rrd.Elements("rra").Select(r => r.Element("database")!.Elements().Count()));
    }

    [Fact]
    public async Task Json_dump_has_the_same_newest_row()
    {
        var rrd = await rig.JsonAsync("/host_rrd?json");

        Assert.Equal("1180", (string?)rrd["rra"]![0]!["database"]!.AsArray().Last()![0]);
    }

    [Theory]
    [InlineData("/vm_rrd", HttpStatusCode.BadRequest)]
    [InlineData("/sr_rrd?uuid=", HttpStatusCode.BadRequest)]
    [InlineData("/vm_rrd?uuid=99999999-0000-4000-8000-000000000009", HttpStatusCode.NotFound)]
    [InlineData("/sr_rrd?uuid=..%2f..%2fetc%2fpasswd", HttpStatusCode.NotFound)]
    [InlineData("/nothing", HttpStatusCode.NotFound)]
    [InlineData("/", HttpStatusCode.NotFound)]
    public async Task What_is_not_there_is_said(string path, HttpStatusCode expected)
    {
        using var response = await rig.GetAsync(path);

        Assert.Equal(expected, response.StatusCode);
        Assert.EndsWith(".\n", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_have_the_newest_values_with_units_and_descriptions()
    {
        string[] lines = (await rig.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n');

        Assert.Contains("# UNIT collector_memory_free_kib_kibibytes kibibytes", lines);
        Assert.Contains("# HELP collector_memory_free_kib_kibibytes Free memory", lines);
        Assert.Contains($"collector_memory_free_kib_kibibytes{{owner=\"host\",uuid=\"{EndpointRig.HostUuid}\",name=\"memory_free_kib\"}} 1180", lines);
        // What is unknown is not there at all.
        Assert.DoesNotContain(lines, l => l.Contains(EndpointRig.Vm2, StringComparison.Ordinal));
        Assert.Equal(["# EOF", ""], lines[^2..]);
    }

    [Fact]
    public async Task Status_tells_of_ticks_owners_and_plugins()
    {
        var status = await rig.JsonAsync("/status");

        Assert.Equal("1.2.3", (string?)status["version"]);
        Assert.Equal(180, (int?)status["ticks"]);
        Assert.Equal(EndpointRig.End, (long?)status["last_step"]);
        Assert.Equal((null, 0, 0), ((double?)status["tick_since"], (int?)status["waiting_pages"], (int?)status["waiting_owners"]));
        Assert.Equal(["host", "vm", "vm", "sr"], status["owners"]!.AsArray().Select(o => (string?)o!["kind"]));
        var plugin = status["plugins"]![0]!;
        Assert.Equal(("p", "live", 4, 180), ((string?)plugin["uid"], (string?)plugin["state"], (int?)plugin["data_sources"], (int?)plugin["counts"]!["ok"]));
    }

    [Fact]
    public async Task Data_sources_are_listed_with_what_their_plugin_says()
    {
        var sources = (await rig.JsonAsync("/data_sources")).AsArray();

        Assert.Equal(
            ("host", EndpointRig.HostUuid, "memory_free_kib", "p", "gauge", "KiB", "Free memory", true),
            ((string?)sources[0]!["owner"], (string?)sources[0]!["uuid"], (string?)sources[0]!["name"], (string?)sources[0]!["plugin"],
                (string?)sources[0]!["type"], (string?)sources[0]!["units"], (string?)sources[0]!["description"], (bool?)sources[0]!["recorded"]));
    }

    [Fact]
    public async Task Status_lists_the_plugins_that_the_agent_runs()
    {
        var processes = (await rig.JsonAsync("/status"))["processes"]!;

        Assert.Equal(
            """
            {"name":"array","version":"1.4","description":"","folder":"/plugins.d/array","kind":"executable","state":"given-up",
            "reason":"it ended with exit code 3","pid":null,"started":1800000000,"restarts":10,"cpu_seconds_per_tick":null,"processes":0,
            "memory_bytes":0,"pages":["array"],"capabilities":[{"name":"SR_STATS","sr_types":["array"]}]}
            """.ReplaceLineEndings(""),
            processes[0]!.ToJsonString());
        Assert.Equal((4711, 0.25, 1000), ((int)processes[1]!["pid"]!, (double)processes[1]!["cpu_seconds_per_tick"]!, (long)processes[1]!["memory_bytes"]!));
    }

    [Fact]
    public async Task Capabilities_are_those_of_plugins_that_run()
    {
        Assert.Equal(
            $$"""[{"name":"SR_STATS","sr_types":["ext","nfs"],"srs":["{{EndpointRig.Sr}}"]}]""",
            (await rig.JsonAsync("/capabilities")).ToJsonString());
    }
}
