using System.Net;
using System.Net.Sockets;
using System.Text;
using CollectorAgent.Protocol;

namespace CollectorAgent.Http.Tests;

/// <summary>Calls as plugins in the field make them, and as nobody should.</summary>
public sealed class RpcTests(EndpointRig rig) : IClassFixture<EndpointRig>
{
    [Fact]
    public async Task Answer_is_an_envelope_byte_for_byte()
    {
        string answer = await AnswerAsync("<methodCall><methodName>Plugin.get_header</methodName><params><param><value><nil/></value></param></params></methodCall>");

        Assert.Equal(
            "<?xml version=\"1.0\"?><methodResponse><params><param><value><struct><member><name>Status</name><value>Success</value></member>"
            + "<member><name>Value</name><value>DATASOURCES\n</value></member></struct></value></param></params></methodResponse>",
            answer);
    }

    [Fact]
    public async Task Path_of_a_page_is_where_the_agent_looks()
    {
        Assert.Equal(rig.Paths.Page("my-plugin"), (await CallAsync(RpcMethod.GetPath, ("uid", "my-plugin"))).AsText);
    }

    [Theory]
    [InlineData(RpcMethod.Register, "frequency")]
    [InlineData(RpcMethod.LocalRegister, "info")]
    public async Task Registering_answers_the_time_to_the_next_reading_and_deregistering_ends_it(string method, string frequency)
    {
        string uid = "reg-" + frequency;
        await File.WriteAllTextAsync(rig.Paths.Page(uid), "");

        var next = await CallAsync(method, ("uid", uid), (frequency, "five_seconds"), ("protocol", "V1"), ("more", "ignored"));
        var again = await CallAsync(RpcMethod.NextReading, ("uid", uid));
        var farewell = await CallAsync(RpcMethod.Deregister, ("uid", uid));
        var gone = await CallAsync(RpcMethod.LocalNextReading, ("uid", uid));

        Assert.Equal(5, next.AsNumber);
        Assert.Equal(5, again.AsNumber);
        Assert.IsType<XmlRpcValue.Nil>(farewell);
        Assert.Equal(-1, gone.AsNumber);
    }

    [Fact]
    public async Task Plugin_is_started_anew_when_its_user_asks()
    {
        Assert.IsType<XmlRpcValue.Nil>(await CallAsync(RpcMethod.Restart, (RpcMethod.Name, "array")));

        Assert.Equal(["array"], rig.Restarted);
    }

    [Fact]
    public async Task Capabilities_are_types_and_srs()
    {
        string answer = await AnswerAsync(
            "<methodCall><methodName>Plugin.get_capabilities</methodName><params><param><value><nil/></value></param></params></methodCall>");

        Assert.Contains(
            "<array><data><value><struct><member><name>name</name><value>SR_STATS</value></member><member><name>sr_types</name><value><array><data>"
            + "<value>ext</value><value>nfs</value></data></array></value></member><member><name>srs</name><value><array><data>"
            + $"<value>{EndpointRig.Sr}</value></data></array></value></member></struct></value></data></array>",
            answer,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Registry_knows_who_registered()
    {
        await File.WriteAllTextAsync(rig.Paths.Page("who"), "");
        await CallAsync(RpcMethod.LocalRegister, ("uid", "who"), ("info", "Five_Seconds"), ("protocol", "V2"));
        Assert.NotNull(await rig.JsonAsync("/status"));

        await CallAsync(RpcMethod.LocalRegister, ("uid", "p"), ("info", "Five_Seconds"), ("protocol", "V2"));
        var status = await rig.JsonAsync("/status");

        Assert.Equal(Environment.ProcessId, (int?)status["plugins"]!.AsArray().Single(p => (string?)p!["uid"] == "p")!["peer"]!["pid"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".hidden")]
    [InlineData("../passwd")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ä")]
    public async Task Uid_that_is_no_file_name_is_refused_with_the_rule(string uid)
    {
        var e = await Assert.ThrowsAsync<RpcFailureException>(() => CallAsync(RpcMethod.GetPath, ("uid", uid)));

        Assert.Equal(RpcError.InternalError, e.Variant);
        Assert.Contains(PluginUid.Rule, e.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Uid_of_129_letters_is_refused()
    {
        await Assert.ThrowsAsync<RpcFailureException>(() => CallAsync(RpcMethod.GetPath, ("uid", new string('x', 129))));
        Assert.NotNull((await CallAsync(RpcMethod.GetPath, ("uid", new string('x', 128)))).AsText);
    }

    [Fact]
    public async Task Registering_a_page_that_is_not_there_says_what_to_do()
    {
        var e = await Assert.ThrowsAsync<RpcFailureException>(
            () => CallAsync(RpcMethod.LocalRegister, ("uid", "absent"), ("info", "Five_Seconds"), ("protocol", "V2")));

        Assert.Contains("create it before you register it", e.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_argument_and_unknown_frequency_are_named()
    {
        var missing = await Assert.ThrowsAsync<RpcFailureException>(() => CallAsync(RpcMethod.GetPath));
        var unknown = await Assert.ThrowsAsync<RpcFailureException>(() => CallAsync(RpcMethod.Register, ("uid", "p"), ("frequency", "Hourly")));

        Assert.Contains("'uid' is missing", missing.Text, StringComparison.Ordinal);
        Assert.Contains("'Hourly' is no frequency", unknown.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", HttpStatusCode.InternalServerError)]
    [InlineData("rubbish", HttpStatusCode.InternalServerError)]
    [InlineData("<methodCall>", HttpStatusCode.InternalServerError)]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><methodCall><methodName>&b;</methodName></methodCall>", HttpStatusCode.InternalServerError)]
    [InlineData("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><methodCall><methodName>x</methodName></methodCall>", HttpStatusCode.InternalServerError)]
    [InlineData("<methodCall><methodName>No.such\r\nmethod</methodName><params/></methodCall>", HttpStatusCode.Unauthorized)]
    [InlineData("<methodCall><methodName>update_everything</methodName></methodCall>", HttpStatusCode.Unauthorized)]
    public async Task What_is_no_call_gets_a_clear_answer(string body, HttpStatusCode expected)
    {
        using var response = await PostAsync(body);

        Assert.Equal(expected, response.StatusCode);
        Assert.Matches("no XML-RPC call|Unknown method", await response.Content.ReadAsStringAsync());
        Assert.NotNull((await CallAsync(RpcMethod.GetPath, ("uid", "alive"))).AsText);
    }

    [Fact]
    public async Task Body_of_ten_megabytes_is_refused()
    {
        using var response = await PostAsync("<methodCall>" + new string(' ', 10 << 20));

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Fact]
    public async Task Client_that_sends_nothing_more_holds_nobody_up()
    {
        using var slow = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await slow.ConnectAsync(new UnixDomainSocketEndPoint(rig.SocketPath));
        await slow.SendAsync(Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<meth"));

        Assert.NotNull((await CallAsync(RpcMethod.GetPath, ("uid", "other"))).AsText);
    }

    private async Task<XmlRpcValue> CallAsync(string method, params (string Name, string Value)[] arguments)
    {
        var named = arguments.Select(a => KeyValuePair.Create(a.Name, (XmlRpcValue)a.Value)).ToList();
        byte[] call = XmlRpc.WriteCall(new XmlRpcCall(method, [new XmlRpcValue.Struct(named)]));
        using var response = await PostAsync(Encoding.UTF8.GetString(call));
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync();
        return RpcReply.Open(XmlRpc.ReadResponse(body));
    }

    private async Task<string> AnswerAsync(string call)
    {
        using var response = await PostAsync(call);
        return await response.Content.ReadAsStringAsync();
    }

    private async Task<HttpResponseMessage> PostAsync(string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "text/xml");
        return await rig.Http.PostAsync(new Uri("/any/path", UriKind.Relative), content);
    }
}
