using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CollectorAgent.Http.Tests;

/// <summary>The contract of <c>/rrd_updates</c> that clients in the field rely on.</summary>
public sealed class UpdatesTests(EndpointRig rig) : IClassFixture<EndpointRig>
{
    private const string Host = $"AVERAGE:host:{EndpointRig.HostUuid}:memory_free_kib";
    private const string Cpu1 = $"AVERAGE:vm:{EndpointRig.Vm1}:cpu0";
    private const string Cpu2 = $"AVERAGE:vm:{EndpointRig.Vm2}:cpu0";
    private const string Utilisation = $"AVERAGE:sr:{EndpointRig.Sr}:physical_utilisation";

    private static readonly string Now = (EndpointRig.End - 10).ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static TheoryData<string, string[]> Selections => new()
    {
        { "", [Cpu1, Cpu2] },
        { "&host=true", [Host, Cpu1, Cpu2] },
        { "&host=", [Cpu1, Cpu2] },
        { "&host", [Cpu1, Cpu2] },
        { "&host=false", [Cpu1, Cpu2] },
        { "&host=True", [Cpu1, Cpu2] },
        { $"&vm_uuid={EndpointRig.Vm2}", [Cpu2] },
        { $"&vm_uuid={EndpointRig.Vm2.ToUpperInvariant()}", [Cpu2] },
        { $"&vm_uuid={EndpointRig.Vm2}&vm_uuid={EndpointRig.Vm1}", [Cpu1, Cpu2] },
        { "&vm_uuid=all", [Cpu1, Cpu2] },
        { "&vm_uuid=none", [] },
        { "&vm_uuid=", [] },
        { "&vm_uuid=99999999-0000-4000-8000-000000000009", [] },
        { "&vm_uuid=none&host=true", [Host] },
        { "&vm_uuid=none&sr_uuid=all", [Utilisation] },
        { $"&vm_uuid=none&sr_uuid={EndpointRig.Sr}", [Utilisation] },
        { "&sr_uuid=all&host=true", [Host, Cpu1, Cpu2, Utilisation] },
        { "&sr_uuid=none", [Cpu1, Cpu2] },
        { "&cf=AVERAGE", [Cpu1, Cpu2] },
        { "&cf=average", [Cpu1, Cpu2] },
        { "&cf=LAST", [] },
        { $"&session_id=x&task_id=y&uuid=z&escape=true&vm_uuid={EndpointRig.Vm1}", [Cpu1] },
    };

    [Theory]
    [MemberData(nameof(Selections))]
    public async Task Selection_gives_the_columns_asked_for_host_first(string query, string[] expected)
    {
        var xport = await rig.XmlAsync($"/rrd_updates?start={Now}{query}");

        Assert.Equal(expected, xport.Element("meta")!.Element("legend")!.Elements().Select(e => e.Value));
        Assert.Equal(expected.Length.ToString(System.Globalization.CultureInfo.InvariantCulture), xport.Element("meta")!.Element("columns")!.Value);
    }

    [Fact]
    public async Task Minute_rows_come_function_by_function_where_the_host_keeps_them_all()
    {
        var xport = await rig.XmlAsync($"/rrd_updates?start={Now}&host=true&interval=60&vm_uuid={EndpointRig.Vm1}");

        Assert.Equal(
            [Host, Host.Replace("AVERAGE", "MIN", StringComparison.Ordinal), Host.Replace("AVERAGE", "MAX", StringComparison.Ordinal), Cpu1],
            xport.Element("meta")!.Element("legend")!.Elements().Select(e => e.Value));
        Assert.Equal("60", xport.Element("meta")!.Element("step")!.Value);
        Assert.Equal(["1174.5", "1169", "1180", "0.1745"], xport.Element("data")!.Elements("row").First().Elements("v").Select(v => v.Value));
    }

    [Fact]
    public async Task Document_is_what_readers_parse_byte_for_byte()
    {
        long t = EndpointRig.End;

        Assert.Equal(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            + $"<xport><meta><start>{t - 5}</start><step>5</step><end>{t}</end><rows>3</rows><columns>3</columns>"
            + $"<legend><entry>{Host}</entry><entry>{Cpu1}</entry><entry>{Cpu2}</entry></legend></meta><data>"
            + $"<row><t>{t}</t><v>1180</v><v>0.18</v><v>NaN</v></row>"
            + $"<row><t>{t - 5}</t><v>1179</v><v>0.179</v><v>NaN</v></row>"
            + $"<row><t>{t - 10}</t><v>1178</v><v>0.178</v><v>NaN</v></row></data></xport>",
            await rig.Http.GetStringAsync(new Uri($"/rrd_updates?start={Now}&host=true", UriKind.Relative)));
        Assert.Equal(
            $"{{\"meta\":{{\"start\":\"{t}\",\"step\":\"5\",\"end\":\"{t}\",\"rows\":\"1\",\"columns\":\"1\",\"legend\":[\"{Host}\"]}},"
            + $"\"data\":[{{\"t\":\"{t}\",\"values\":[\"1180\"]}}]}}",
            await rig.Http.GetStringAsync(new Uri($"/rrd_updates?start={t - 4}&host=true&vm_uuid=none&json", UriKind.Relative)));
    }

    [Theory]
    [InlineData("-60")]
    [InlineData("0")]
    [InlineData("100000000000")]
    [InlineData("-9223372036854775808")]
    [InlineData("9223372036854775807")]
    public async Task First_row_is_at_the_end_and_rows_are_counted_whatever_the_start(string start)
    {
        var xport = await rig.XmlAsync($"/rrd_updates?start={start}&host=true");
        var meta = xport.Element("meta")!;
        var rows = xport.Element("data")!.Elements("row").ToList();

        Assert.Equal(["start", "step", "end", "rows", "columns", "legend"], meta.Elements().Select(e => e.Name.LocalName));
        Assert.Equal(meta.Element("rows")!.Value, rows.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(rows.Count == 0 || rows[0].Element("t")!.Value == meta.Element("end")!.Value);
        Assert.True(long.Parse(meta.Element("end")!.Value, System.Globalization.CultureInfo.InvariantCulture) <= EndpointRig.End);
    }

    [Theory]
    [InlineData("/rrd_updates")]
    [InlineData("/rrd_updates?start=")]
    [InlineData("/rrd_updates?start=now")]
    [InlineData("/rrd_updates?start=1.5")]
    [InlineData("/rrd_updates?start=99999999999999999999")]
    public async Task Missing_or_malformed_start_is_400_with_a_sentence(string path)
    {
        using var response = await rig.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("start is missing or no whole number", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("&interval=0")]
    [InlineData("&interval=-5")]
    [InlineData("&interval=soon")]
    public async Task Unreadable_interval_is_none(string query)
    {
        var xport = await rig.XmlAsync($"/rrd_updates?start={Now}{query}");

        Assert.Equal("5", xport.Element("meta")!.Element("step")!.Value);
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(9, 5)]
    [InlineData(10, 60)]
    [InlineData(60, 60)]
    [InlineData(64, 60)]
    [InlineData(65, 3600)]
    [InlineData(3604, 3600)]
    [InlineData(3605, 86400)]
    public async Task Interval_is_cut_to_whole_steps(int interval, int step)
    {
        var xport = await rig.XmlAsync($"/rrd_updates?start={Now}&host=true&interval={interval}");

        Assert.Equal(step.ToString(System.Globalization.CultureInfo.InvariantCulture), xport.Element("meta")!.Element("step")!.Value);
    }

    [Fact]
    public async Task Nothing_selected_is_an_empty_document()
    {
        string xml = await rig.Http.GetStringAsync(new Uri($"/rrd_updates?start={Now}&vm_uuid=none", UriKind.Relative));
        string json = await rig.Http.GetStringAsync(new Uri($"/rrd_updates?start={Now}&vm_uuid=none&json", UriKind.Relative));

        Assert.EndsWith("<rows>0</rows><columns>0</columns><legend/></meta><data/></xport>", xml, StringComparison.Ordinal);
        Assert.EndsWith("\"rows\":\"0\",\"columns\":\"0\",\"legend\":[]},\"data\":[]}", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "text/xml")]
    [InlineData("application/json", "application/json")]
    [InlineData("text/xml", "text/xml")]
    [InlineData("*/*", "application/json")]
    [InlineData("text/*", "text/xml")]
    [InlineData("application/*", "application/json")]
    [InlineData("text/xml, application/json", "application/json")]
    [InlineData("text/xml;q=0.9, application/json;q=0.8", "text/xml")]
    [InlineData("text/html", "text/xml")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json")]
    [InlineData("nonsense", "text/xml")]
    [InlineData("application/json;q=high", "text/xml")]
    [InlineData("application/json;q=0, text/xml", "text/xml")]
    public async Task Accept_header_decides_and_an_odd_one_does_not(string? accept, string expected)
    {
        using var response = await rig.GetAsync($"/rrd_updates?start={Now}", accept);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, response.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData("&json")]
    [InlineData("&json=true")]
    [InlineData("&json=false")]
    public async Task Key_json_suffices(string query)
    {
        using var response = await rig.GetAsync($"/rrd_updates?start={Now}{query}");

        Assert.Equal("application/json", response.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Answer_has_a_length_stays_open_and_lets_every_page_read_it()
    {
        string head = await RawHeadAsync($"GET /rrd_updates?start={Now} HTTP/1.1\r\nHost: x\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        foreach (string header in (string[])
            ["Content-Length: ", "Connection: keep-alive", "Cache-Control: no-cache, no-store", "Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: X-Requested-With"])
        {
            Assert.Contains(header, head, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public async Task Reader_of_http_1_0_gets_the_document_and_the_end_of_the_connection()
    {
        string answer = await RawAsync($"GET /rrd_updates?start={Now} HTTP/1.0\r\n\r\n");

        Assert.EndsWith("</xport>", answer, StringComparison.Ordinal);
    }

    private async Task<string> RawHeadAsync(string request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(rig.SocketPath));
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(new NetworkStream(socket));
        var head = new StringBuilder();
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            head.Append(line).Append("\r\n");
        }
        return head.ToString();
    }

    private async Task<string> RawAsync(string request)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(rig.SocketPath));
        await socket.SendAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(new NetworkStream(socket));
        return await reader.ReadToEndAsync();
    }
}
