using System.Text;
using CollectorAgent.Forwarding;
using CollectorAgent.TestKit;
using Microsoft.AspNetCore.Http;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Messages that come with connections of a toolstack's front.</summary>
public sealed class ForwardedFuzzTests(ITestOutputHelper output)
{
    private const string Message = """
        {"m":"Put","path":"/rrd_updates","query":{"session_id":"OpaqueRef:x","start":"1700000000","host":"true","host":"b"},"version":"1.1",
         "accept":"*/*","cookie":{"session_id":"s"},"auth":["Basic","user","pw"],"content_length":5,"transfer_encoding":null,"body":"ü",
         "additional_headers":{"accept-encoding":"gzip","X-Other":"no","If-None-Match":"W/\"1\"","expect":"100-continue"},"later":[{"a":1}]}
        """;

    private static readonly string[] Words =
    [
        "\"m\":[\"Unknown\",\"HEAD\"],", "\"uri\":\"/vm_rrd\",", "\"query\":{}", "\"content_length\":",
        "\"transfer_encoding\":\"chunked\",", "\"body\":",
        "\"accept\":", "{\"a\":", "\\ud800", "\\u0000",
    ];

    [Fact]
    public void Message_is_a_request_or_refused() => new Fuzzing("forwarded", Seeds(), output) { Words = Words }.Run(bytes =>
    {
        try
        {
            _ = default(JsonEnd).IsReachedBy(bytes);
            var request = ForwardedRequestReader.Read(bytes);
            var context = new DefaultHttpContext();
            context.Features.Set(request);
            Assert.True(ForwardedRequests.RestoreAsync(context, _ => Task.CompletedTask).IsCompletedSuccessfully);
            // In pairs, as far as a form has them: a query that is longer is refused when it is asked for.
            Assert.Equal(request.Query.Select(q => q.Key).Distinct(StringComparer.OrdinalIgnoreCase).Count(), context.Request.Query.Count);
            Assert.DoesNotContain('\n', request.ToString());
            return true;
        }
        catch (ForwardedRequestException)
        {
            return false;
        }
    });

    private static IEnumerable<byte[]> Seeds() =>
    [
        Encoding.UTF8.GetBytes(Message),
        Encoding.UTF8.GetBytes(File.ReadAllText(Repository.PathOf("docs/formats/forwarded.md")).Split("```json\n")[1].Split("```")[0]),
        "{\"m\":[\"Unknown\",\"HEAD\"],\"uri\":\"/vm_rrd\",\"query\":{},\"transfer_encoding\":\"chunked\"}"u8.ToArray(),
    ];
}
