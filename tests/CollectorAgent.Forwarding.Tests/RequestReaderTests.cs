using System.Text;
using CollectorAgent.TestKit;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Forwarding.Tests;

/// <summary>What a message says, and what it may not say.</summary>
public sealed class RequestReaderTests
{
    [Fact]
    public void Message_of_a_toolstack_is_read()
    {
        var request = Read("""
            {"m":"Get","path":"/rrd_updates","query":{"session_id":"OpaqueRef:x","start":"1700000000","host":"true"},"version":"1.1",
             "frame":false,"accept":"*/*","cookie":{"session_id":"s"},"auth":["Basic","user","pw"],"host":"xs1","user_agent":"curl/8.5","task":null,
             "close":true,"additional_headers":{"accept-encoding":"gzip","X-Other":"no","If-None-Match":"W/\"1\""},"later":[{"a":1}]}
            """);

        Assert.Equal(("GET", "/rrd_updates", false), (request.Method, request.Path, request.IsHttp10));
        Assert.Equal(["session_id=OpaqueRef:x", "start=1700000000", "host=true"], Query(request));
        Assert.Equal(["Accept=*/*", "Accept-Encoding=gzip", "If-None-Match=W/\"1\""], request.Headers.Select(h => $"{h.Key}={h.Value}"));
        Assert.Null(request.ContentLength);
        Assert.Null(request.Body);
    }

    [Fact]
    public void Example_of_the_page_is_read()
    {
        string page = File.ReadAllText(Repository.PathOf("docs/formats/forwarded.md"));

        var request = Read(page.Split("```json\n")[1].Split("```")[0]);

        Assert.Equal(["session_id=OpaqueRef:x", "start=-60", "vm_uuid=all", "vm_uuid=none"], Query(request));
        Assert.Equal(["Accept=*/*", "Accept-Encoding=gzip"], request.Headers.Select(h => $"{h.Key}={h.Value}"));
    }

    [Fact]
    public void Repeated_members_of_the_query_stay_in_order()
    {
        var request = Read("""{"m":"Get","path":"/rrd_updates","query":{"vm_uuid":"b","json":"","vm_uuid":"a","vm_uuid":"b"}}""");

        Assert.Equal(["vm_uuid=b", "json=", "vm_uuid=a", "vm_uuid=b"], Query(request));
    }

    [Fact]
    public void Older_toolstacks_call_the_path_uri()
    {
        Assert.Equal("/vm_rrd", Read("""{"m":"Get","uri":"/vm_rrd","query":{}}""").Path);
    }

    [Theory]
    [InlineData("\"Put\"", "PUT")]
    [InlineData("\"post\"", "POST")]
    [InlineData("""["Unknown","HEAD"]""", "HEAD")]
    public void Method_is_a_name_or_an_unknown_one(string m, string expected)
    {
        Assert.Equal(expected, Read($$$"""{"m":{{{m}}},"path":"/","query":{}}""").Method);
    }

    [Fact]
    public void Body_of_the_message_has_its_own_length()
    {
        var request = Read("""{"m":"Post","path":"/","query":{},"content_length":99,"body":"h\u00e9"}""");

        Assert.Equal(3, request.ContentLength);
        Assert.Equal("hé"u8.ToArray(), request.Body);
    }

    [Theory]
    [InlineData("""{"path":"/","query":{}}""", "m")]
    [InlineData("""{"m":"","path":"/","query":{}}""", "m")]
    [InlineData("""{"m":7,"path":"/","query":{}}""", "m")]
    [InlineData("""{"m":["Unknown"],"path":"/","query":{}}""", "m")]
    [InlineData("""{"m":["Unknown","GET / HTTP/1.1\r\n\r\n"],"path":"/","query":{}}""", "m")]
    [InlineData("""{"m":["Unknown","GET /"],"path":"/","query":{}}""", "m")]
    [InlineData("""{"m":"Get","query":{}}""", "path")]
    [InlineData("""{"m":"Get","path":"rrd","query":{}}""", "path")]
    [InlineData("""{"m":"Get","path":["/"],"query":{}}""", "path")]
    [InlineData("""{"m":"Get","path":"/"}""", "query")]
    [InlineData("""{"m":"Get","path":"/","query":[]}""", "query")]
    [InlineData("""{"m":"Get","path":"/","query":{"start":5}}""", "query")]
    [InlineData("""{"m":"Put","path":"/","query":{},"content_length":-1}""", "content_length")]
    [InlineData("""{"m":"Put","path":"/","query":{},"content_length":"1"}""", "content_length")]
    [InlineData("""{"m":"Get","path":"/","query":{},"accept":"a\r\nX: y"}""", "a header")]
    [InlineData("""{"m":"Get","path":"/","query":{},"additional_headers":{"ACCEPT-encoding":"gzip\n"}}""", "a header")]
    [InlineData("""{"m":"Get","path":"/","query":{},"additional_headers":{"If-None-Match":"\u0000"}}""", "a header")]
    public void Message_without_what_is_needed_is_refused_by_the_name_of_it(string message, string member)
    {
        var refusal = Assert.Throws<ForwardedRequestException>(() => Read(message));

        Assert.Equal($"The message has no {member} that can be.", refusal.Message);
        Assert.Equal(400, refusal.Status);
    }

    [Theory]
    [InlineData("""{"m":"Get","path":"/","query":{"a":"\ud800"}}""")]
    [InlineData("""{"m":"Get","path":"/","query":{"\udc00":""}}""")]
    [InlineData("{\"m\":\"Get\",\"path\":\"/\",\"query\":{\"a\":\"\u00ff\"}}")]
    [InlineData("""{"m":"Get","path":"/","query":{}} {}""")]
    [InlineData("""{"m":"Get","path":"/","query":{]}""")]
    public void Message_that_is_no_json_or_no_unicode_is_refused(string message)
    {
        Assert.Throws<ForwardedRequestException>(() => ForwardedRequestReader.Read(Encoding.Latin1.GetBytes(message)));
    }

    [Fact]
    public void Deep_nesting_is_refused_also_where_nobody_looks()
    {
        string deep = new string('[', 1000) + new string(']', 1000);

        Assert.Throws<ForwardedRequestException>(() => Read($$$"""{"m":"Get","path":"/","query":{},"later":{{{deep}}}}"""));
    }

    [Fact]
    public void What_a_request_is_called_in_the_log_has_no_secret_and_no_second_line()
    {
        var request = Read("""{"m":"Get","path":"/a\nError: b","query":{"session_id":"secret"},"cookie":{"pool_secret":"secret"}}""");

        Assert.Equal("GET /a?Error??b", request.ToString());
    }

    [Theory]
    [InlineData("/a%41", "/a%41")]
    [InlineData("/%00", "/%00")]
    [InlineData("/a\\u0000", "/a\0")]
    public async Task Path_that_the_front_has_decoded_is_not_decoded_again(string written, string path)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(Read($$$"""{"m":"Get","path":"{{{written}}}","query":{}}"""));

        await ForwardedRequests.RestoreAsync(context, _ => Task.CompletedTask);

        Assert.Equal(path, context.Request.Path.Value);
    }

    private static ForwardedRequest Read(string message) => ForwardedRequestReader.Read(Encoding.UTF8.GetBytes(message));

    private static IEnumerable<string> Query(ForwardedRequest request) => request.Query.Select(q => $"{q.Key}={q.Value}");
}
