using System.Text;
using CollectorAgent.TestKit;

namespace CollectorAgent.Forwarding.Tests;

/// <summary>PUT /rrd: an RRD that another host sends.</summary>
public sealed class UploadTests : IAsyncLifetime
{
    private const string Document = "<rrd><a/></rrd>";
    private const string SendNow = "HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nCache-Control: no-cache, no-store\r\n\r\n";

    private readonly ForwardingRig _rig = new();
    private string _taken = "";

    public Task InitializeAsync()
    {
        _rig.Put = TakeAsync;
        return _rig.InitializeAsync();
    }

    public Task DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Sender_that_says_no_length_hears_200_before_it_sends_and_the_document_ends_where_its_root_does()
    {
        var report = await _rig.HandOverAsync(Put("") with { Waits = SendNow.Length, Sends = Document + "more" });

        Assert.Equal(SendNow, report.Answer);
        Assert.Equal("uuid=u archive=true " + Document, _taken);
        Assert.True(report is { Closed: true, Read: true });
    }

    [Theory]
    [InlineData(500, "HTTP/1.1 500 Internal Error\r\n")]
    [InlineData(404, "HTTP/1.1 404 Refused\r\n")]
    public async Task Refusal_follows_the_200(int status, string line)
    {
        _rig.Put = (_, _, _) => throw new ForwardedRequestException("Nobody knows <u>.", status);

        var report = await _rig.HandOverAsync(Put("") with { Sends = Document });

        Assert.StartsWith(SendNow + line, report.Answer, StringComparison.Ordinal);
        Assert.EndsWith("Nobody knows &lt;u&gt;.</p></body></html>\n", report.Answer, StringComparison.Ordinal);
        Assert.Contains("Warning: Forwarded connection refused (PUT /rrd): Nobody knows <u>. ", _rig.Lines);
    }

    [Theory]
    [InlineData(""","content_length":15""", "")]
    [InlineData(""","content_length":15,"additional_headers":{"Expect":"100-Continue"}""", "HTTP/1.1 100 Continue\r\n\r\n")]
    [InlineData(""","additional_headers":{"expect":"100-continue"}""", "HTTP/1.1 100 Continue\r\n\r\n")]
    public async Task Sender_that_waits_for_the_outcome_hears_it_when_there_is_one(string members, string before)
    {
        var report = await _rig.HandOverAsync(Put(members) with { Waits = before.Length, Sends = Document });

        Assert.StartsWith(before + "HTTP/1.1 200 OK\r\n", report.Answer, StringComparison.Ordinal);
        Assert.EndsWith("Content-Length: 0\r\n\r\n", report.Answer, StringComparison.Ordinal);
        Assert.Equal("uuid=u archive=true " + Document, _taken);
    }

    [Fact]
    public async Task Sender_that_waits_for_the_outcome_hears_of_a_refusal_only()
    {
        _rig.Put = (_, _, _) => throw new ForwardedRequestException("No.", 404);

        var report = await _rig.HandOverAsync(Put(""","content_length":15""") with { Sends = Document });

        Assert.StartsWith("HTTP/1.1 404 Refused\r\n", report.Answer, StringComparison.Ordinal);
        Assert.Single(report.Answer.Split("HTTP/1.1 ").Skip(1));
    }

    [Fact]
    public async Task Body_ends_where_its_length_says_and_not_before()
    {
        _rig.Put = async (_, body, token) => _taken = await new StreamReader(body).ReadToEndAsync(token);

        await _rig.HandOverAsync(Put(""","content_length":4""") with { Sends = "12345" });
        var early = await _rig.HandOverAsync(Put(""","content_length":6""") with { Sends = "12345", Stops = true });

        Assert.Equal("1234", _taken);
        Assert.StartsWith("HTTP/1.1 500 Internal Error\r\n", early.Answer, StringComparison.Ordinal);
        Assert.Contains("Warning: Forwarded connection refused (PUT /rrd): The client ends 1 bytes before what it said it sends. ", _rig.Lines);
    }

    [Fact]
    public async Task Chunks_are_refused()
    {
        var report = await _rig.HandOverAsync(Put(""","transfer_encoding":"chunked" """));

        Assert.StartsWith("HTTP/1.1 411 Length Required\r\n", report.Answer, StringComparison.Ordinal);
        Assert.Equal("", _taken);
    }

    [Fact]
    public async Task Sender_that_does_not_end_is_cut_off_after_a_deadline()
    {
        var front = _rig.HandOverAsync(Put("") with { Sends = "<rrd>" });
        await Wait.UntilAsync(() => _taken.EndsWith("<rrd>", StringComparison.Ordinal), () => "the first part");

        _rig.Time.Advance(ForwardedUpload.Deadline);

        Assert.True((await front).Closed);
    }

    [Fact]
    public async Task Sender_that_does_not_end_does_not_keep_the_server_from_stopping()
    {
        var front = _rig.HandOverAsync(Put("") with { Sends = "<rrd>" });
        await Wait.UntilAsync(() => _taken.EndsWith("<rrd>", StringComparison.Ordinal), () => "the first part");

        await _rig.StopAsync();

        Assert.True((await front).Closed);
    }

    [Fact]
    public async Task Bug_costs_its_own_connection_and_is_logged()
    {
        _rig.Put = (_, _, _) => throw new InvalidOperationException("a bug");

        Assert.True((await _rig.HandOverAsync(Put(""))).Closed);

        await Wait.UntilAsync(
            () => _rig.Lines.Any(l => l.StartsWith("Error: Forwarded connection failed (PUT /rrd) System.InvalidOperationException: a bug", StringComparison.Ordinal)),
            () => string.Join('\n', _rig.Lines));
        Assert.True((await _rig.HandOverAsync(new Front())).Closed);
    }

    private static Front Put(string members) => new()
    {
        Parts = [$$$"""{"m":"Put","path":"/rrd","query":{"uuid":"u","archive":"true"}{{{members}}}}"""],
    };

    private async Task TakeAsync(ForwardedRequest request, Stream body, CancellationToken cancellationToken)
    {
        _taken = string.Join(' ', request.Query.Select(q => $"{q.Key}={q.Value}")) + " ";
        byte[] one = new byte[1];
        while (!_taken.EndsWith("</rrd>", StringComparison.Ordinal) && await body.ReadAsync(one, cancellationToken) == 1)
        {
            _taken += Encoding.ASCII.GetString(one);
        }
    }
}
