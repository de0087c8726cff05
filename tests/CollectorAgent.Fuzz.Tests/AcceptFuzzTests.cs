using System.Text;
using CollectorAgent.Http;
using Microsoft.AspNetCore.Http;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>The Accept headers of readers.</summary>
public sealed class AcceptFuzzTests(ITestOutputHelper output)
{
    private static readonly string[] Words =
    [
        "application/json", "text/xml", "text/plain", "*/*", "text/*", ";q=", ";q=0.5", ";version=0.0.4", ";version=\"",
        "application/openmetrics-text", ",", "\"\\\"",
    ];

    [Fact]
    public void Header_asks_for_one_of_the_forms_there_are()
    {
        var openMetrics = MetricsFormat.Of(new DefaultHttpContext().Request);
        byte[][] seeds =
        [
            "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=\"0.0.4\";q=0.5,*/*;q=0.1"u8.ToArray(),
            "application/json, text/xml;q=0.9, */*;q=0.8"u8.ToArray(),
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"u8.ToArray(),
        ];
        // The server refuses longer ones.
        new Fuzzing("accept", seeds, output) { Words = Words, MaxBytes = 32 << 10 }.Run(bytes =>
        {
            var request = new DefaultHttpContext().Request;
            request.Headers.Accept = Encoding.Latin1.GetString(bytes).Split('\n');
            return DocumentFormats.Of(request) == DocumentFormat.Json | ReferenceEquals(openMetrics, MetricsFormat.Of(request));
        });
    }
}
