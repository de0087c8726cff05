using System.Net.Sockets;
using CollectorAgent.TestKit;

namespace CollectorAgent.Forwarding.Tests;

/// <summary>Connections that another program hands over to a real server.</summary>
public sealed class HandOverTests : IAsyncLifetime
{
    private readonly ForwardingRig _rig = new();

    public Task InitializeAsync() => _rig.InitializeAsync();

    public Task DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Request_arrives_as_its_front_has_read_it_and_both_connections_are_closed()
    {
        var report = await _rig.HandOverAsync(new Front
        {
            Parts =
            [
                """{"m":"Get","path":"/vm_rrds x","query":{"a":"1 &=","b":"\u00e9\r\nX: y","a":""},"version":"1.1","accept":"text/xml", """
                + """ "additional_headers":{"accept-encoding":"gzip","cookie":"secret"}}""",
            ],
        });

        Assert.Equal("HTTP/1.1 200 OK", report.StatusLine);
        Assert.Contains(
            "GET|/vm_rrds x|a=1 &=, b=Ã©\r\nX: y|Accept=text/xml Accept-Encoding=gzip Connection=close Host=localhost||no socket",
            report.Body,
            StringComparison.Ordinal);
        Assert.True(report is { Closed: true, Read: true });
        Assert.Empty(_rig.Lines);
    }

    [Fact]
    public async Task Head_is_answered_without_a_body()
    {
        var report = await _rig.HandOverAsync(new Front { Parts = ["""{"m":["Unknown","HEAD"],"path":"/","query":{}}"""] });

        Assert.Equal("HTTP/1.1 200 OK", report.StatusLine);
        Assert.Equal("", report.Body);
    }

    [Fact]
    public async Task Client_of_http_1_0_gets_no_chunks()
    {
        var report = await _rig.HandOverAsync(new Front { Parts = ["""{"m":"Get","path":"/","query":{},"version":"1.0"}"""] });

        Assert.DoesNotContain("chunked", report.Answer, StringComparison.OrdinalIgnoreCase);
        Assert.StartsWith("GET|/|", report.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"m":"Post","path":"/","query":{},"content_length":5}""", "helloGET / HTTP/1.1\r\n\r\n", "hello")]
    [InlineData("""{"m":"Post","path":"/","query":{},"body":"read before"}""", "not this", "read before")]
    [InlineData("""{"m":"Post","path":"/","query":{}}""", "not this", "")]
    [InlineData("""{"m":"Get","path":"/","query":{},"content_length":5,"body":"GET / HTTP/1.1\r\n\r\n"}""", "GET /second HTTP/1.1\r\nHost: x\r\n\r\n", "")]
    public async Task Body_is_what_the_message_says_and_nothing_behind_it_is_a_request(string message, string sends, string body)
    {
        var report = await _rig.HandOverAsync(new Front { Parts = [message], Sends = sends });

        Assert.Contains($"|{body}|no socket", report.Body, StringComparison.Ordinal);
        Assert.Single(report.Answer.Split("HTTP/1.1 ").Skip(1));
    }

    [Fact]
    public async Task Post_that_waits_for_leave_to_send_gets_it()
    {
        var report = await _rig.HandOverAsync(new Front
        {
            Parts = ["""{"m":"Post","path":"/","query":{},"content_length":2,"additional_headers":{"expect":"100-continue"}}"""],
            Waits = "HTTP/1.1 100 Continue\r\n\r\n".Length,
            Sends = "ab",
        });

        Assert.Equal("HTTP/1.1 100 Continue", report.StatusLine);
        Assert.Contains("|ab|no socket", report.Body, StringComparison.Ordinal);
    }

    /// <summary>More than a front of today can send, and more than a request line of the server may have.</summary>
    [Fact]
    public async Task Message_is_read_to_its_end_however_it_is_cut()
    {
        string message = $$$"""{"m":"Get","path":"/","query":{{{{string.Join(',', Enumerable.Range(0, 2000).Select(i => $"\"vm_uuid\":\"{i:d36}\""))}}}}}""";

        var report = await _rig.HandOverAsync(new Front { Parts = [message[..1], message[1..20_000], message[20_000..]] });

        Assert.Equal("HTTP/1.1 200 OK", report.StatusLine);
        Assert.Contains($"{1998:d36},{1999:d36}|", report.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("none", "No descriptor came with it.")]
    [InlineData("file", "Its descriptor is no stream socket.")]
    [InlineData("listening", "Its descriptor is no stream socket.")]
    [InlineData("datagram", "Its descriptor is no stream socket.")]
    public async Task Message_without_the_connection_of_a_client_is_refused(string descriptors, string reason)
    {
        var report = await _rig.HandOverAsync(new Front { Descriptors = descriptors });

        Assert.Equal(("", true), (report.Answer, report.Closed));
        await LoggedAsync($"Warning: Forwarded connection refused (unread): {reason} ");
    }

    [Theory]
    [InlineData("two")]
    [InlineData("most")]
    public async Task Of_several_descriptors_the_first_is_served_and_the_others_are_closed(string descriptors)
    {
        var report = await _rig.HandOverAsync(new Front { Descriptors = descriptors });

        Assert.Equal("HTTP/1.1 200 OK", report.StatusLine);
        Assert.True(report.Freed);
    }

    [Fact]
    public async Task Message_cut_short_is_refused_and_left_to_the_front_to_answer()
    {
        string cut = """{"m":"Get","path":"/","query":{"secret":""" + "\"" + new string('x', 16_300);

        var report = await _rig.HandOverAsync(new Front { Parts = [cut], Ends = true });

        Assert.Equal(("", true), (report.Answer, report.Closed));
        await LoggedAsync($"Warning: Forwarded connection refused (unread): The message ends after {cut.Length} bytes, before its JSON does. ");
    }

    [Fact]
    public async Task Message_without_end_is_refused()
    {
        var report = await _rig.HandOverAsync(new Front { Parts = ["{\"" + new string('x', 2 * HandOver.MaxMessageBytes)] });

        Assert.Equal(("", true), (report.Answer, report.Closed));
        await LoggedAsync("Warning: Forwarded connection refused (unread): The message is longer than 1048576 bytes. ");
    }

    [Fact]
    public async Task Client_of_a_message_that_cannot_be_read_is_told_so_without_secrets()
    {
        var report = await _rig.HandOverAsync(new Front { Parts = ["""{"m":"Get","query":{"session_id":"secret"},"cookie":secret}"""] });

        Assert.Equal("HTTP/1.1 400 Bad Request", report.StatusLine);
        Assert.True(report.Closed);
        await LoggedAsync("Warning: Forwarded connection refused (unread): The message is no JSON, or holds text that is no Unicode. ");
        Assert.DoesNotContain("secret", report.Answer + string.Concat(_rig.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Front_that_does_not_end_its_message_is_let_go_after_a_deadline()
    {
        var front = _rig.HandOverAsync(new Front { Parts = ["{\"m\":"] });
        await Wait.UntilAsync(() => _rig.Time.PendingTimers == 1, () => "the deadline of the message");

        _rig.Time.Advance(ForwardedListener.MessageDeadline);

        Assert.Equal("", (await front).Answer);
        await LoggedAsync("Warning: Forwarded connection refused (unread): It took too long. ");
    }

    [Fact]
    public async Task So_many_are_served_at_once_and_the_next_wait_for_one_of_them()
    {
        var idle = await ConnectAsync(ForwardedListener.MaxConnections);
        await Wait.UntilAsync(() => _rig.Time.PendingTimers == idle.Count, () => $"{_rig.Time.PendingTimers} connections");

        // Who waits to be let in has no deadline yet.
        var next = await ConnectAsync(32);
        Assert.Equal(idle.Count, _rig.Time.PendingTimers);
        idle.ForEach(s => s.Dispose());
        await Wait.UntilAsync(() => _rig.Time.PendingTimers == next.Count, () => $"{_rig.Time.PendingTimers} connections");

        Assert.Equal("HTTP/1.1 200 OK", (await _rig.HandOverAsync(new Front())).StatusLine);
        next.ForEach(s => s.Dispose());

        async Task<List<Socket>> ConnectAsync(int count)
        {
            var sockets = new List<Socket>();
            for (int i = 0; i < count; i++)
            {
                sockets.Add(await _rig.ConnectAsync());
            }
            return sockets;
        }
    }

    [Fact]
    public async Task Client_that_does_not_read_is_cut_off()
    {
        var front = _rig.HandOverAsync(new Front { Parts = [Large], Reads = false });
        await Wait.UntilAsync(() => _rig.Time.PendingWaits.Contains(ClientStream.SendDeadline), () => "the deadline of a portion");

        // Again and again: as long as the socket takes something, the deadline is that of the next portion.
        await Wait.UntilAsync(
            () =>
            {
                _rig.Time.Advance(ClientStream.SendDeadline);
                return front.IsCompleted;
            },
            () => "the end of the connection");

        Assert.True((await front).Closed);
    }

    [Fact]
    public async Task Client_that_goes_away_ends_its_request_and_nothing_else()
    {
        var report = await _rig.HandOverAsync(new Front { Parts = [Large], Leaves = 100_000 });

        Assert.True(report.Closed);
        Assert.Equal("HTTP/1.1 200 OK", (await _rig.HandOverAsync(new Front())).StatusLine);
        Assert.Empty(_rig.Lines);
    }

    [RootFact]
    public async Task User_who_is_neither_root_nor_the_agents_hands_nothing_over_whatever_the_mode_of_the_socket()
    {
        File.SetUnixFileMode(Path.GetDirectoryName(_rig.SocketPath)!, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(_rig.SocketPath, (UnixFileMode)0b110_110_110);

        var report = await _rig.HandOverAsync(new Front { User = 65_534 });

        Assert.Equal(("", true), (report.Answer, report.Closed));
        await LoggedAsync("Warning: Forwarded connection refused (unread): User 65534 may not hand connections over. ");
    }

    [Fact]
    public async Task Client_that_says_it_sends_no_more_is_answered_all_the_same()
    {
        var report = await _rig.HandOverAsync(new Front { Parts = [Large], Stops = true });

        Assert.True(report.Body.Length > ForwardingRig.LargeBytes);
    }

    [Fact]
    public async Task Socket_is_its_owners_alone_and_gone_with_the_server()
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_rig.SocketPath));
        using var idle = await _rig.ConnectAsync();
        await Wait.UntilAsync(() => _rig.Time.PendingTimers == 1, () => "the deadline of the message");

        await _rig.StopAsync();

        Assert.False(File.Exists(_rig.SocketPath));
        Assert.Equal(0, await idle.ReceiveAsync(new byte[1]));
    }

    private static string Large => $$$"""{"m":"Get","path":"{{{ForwardingRig.LargePath}}}","query":{}}""";

    private Task LoggedAsync(string line) => Wait.UntilAsync(() => _rig.Lines.Contains(line), () => $"{line}, not {string.Join('\n', _rig.Lines)}");
}
