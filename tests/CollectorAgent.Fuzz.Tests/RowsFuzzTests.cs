using CollectorAgent.Cli;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Recorded values, as collectorctl reads them.</summary>
public sealed class RowsFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Rows_are_read_or_not_understood()
    {
        byte[][] seeds =
        [
            File.ReadAllBytes(Repository.PathOf("tests/golden/xport.json")),
            """{"meta":{"start":1,"step":5,"end":10,"rows":2,"legend":["MAX:vm:x:a:b"],"data":[{"t":10,"values":[1]},{"t":"5","values":["NaN"]}]}}"""u8
                .ToArray(),
        ];
        string[] words = ["\"legend\":[", "\"values\":[", "{\"t\":", "\"NaN\"", "AVERAGE:host:h:x"];
        FuzzedAnswers.Run("rows", seeds, words, output, (agent, stream) => Rows.ReadAsync(agent, "rrd_updates", stream, default));
    }
}
