using CollectorAgent.Cli;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Answers that collectorctl reads.</summary>
public sealed class AnswerFuzzTests(ITestOutputHelper output) : IDisposable
{
    private readonly AgentConnection _agent = AgentConnection.Create(null, "http://127.0.0.1:1", TimeProvider.System);

    public void Dispose() => _agent.Dispose();

    [Fact]
    public void Rows_are_read_or_not_understood()
    {
        byte[][] seeds =
        [
            File.ReadAllBytes(Repository.PathOf("tests/golden/xport.json")),
            """{"meta":{"start":1,"step":5,"end":10,"rows":2,"legend":["MAX:vm:x:a:b"],"data":[{"t":10,"values":[1]},{"t":"5","values":["NaN"]}]}}"""u8
                .ToArray(),
        ];
        Run("rows", seeds, ["\"legend\":[", "\"values\":[", "{\"t\":", "\"NaN\"", "AVERAGE:host:h:x"], s => Rows.ReadAsync(_agent, "rrd_updates", s, default));
    }

    [Fact]
    public void Status_is_read_or_not_understood()
    {
        byte[] seed = """
            {"version":"1","host_uuid":"x","uptime_seconds":5.5,"ticks":7,"missed_ticks":0,"last_step":340000000,"last_tick_ms":0.3,"next_reading_seconds":null,
             "owners":[{"kind":"vm","uuid":"a","data_sources":3,"last_updated":1700000000.5}],
             "plugins":[{"uid":"p","state":"reporting","status":"Ok","page_version":2,"last_sample":1.5,"refused":["a"],"left_out":[],"counts":{"ok":5}}],
             "processes":[{"name":"n","state":"running","pid":17,"started":1,"restarts":0,"cpu_seconds_per_tick":0.1,"processes":1,"memory_bytes":5}],
             "failed_transfers":[{"uuid":"u","to":"h","reason":"r","at":5}]}
            """u8.ToArray();
        Run("status", [seed], ["\"owners\":[", "\"plugins\":[{", "\"counts\":{", "\"pid\":", "\"at\":", "null", "[null]"], async s =>
        {
            // What is read can be shown.
            var status = await StatusReader.ReadAsync(_agent, s, default);
            var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
            return string.Concat(StatusVerb.Lines(status, now, "place").Concat(PluginsVerb.AllLines(status, now)));
        });
    }

    private void Run<T>(string parser, byte[][] seeds, string[] words, Func<Stream, Task<T>> readAsync) =>
        new Fuzzing(parser, seeds, output) { Words = words }.Run(bytes =>
        {
            try
            {
                var reading = readAsync(new MemoryStream(bytes));
                // Nothing waits where everything is in memory.
                Assert.True(reading.IsCompleted);
                reading.GetAwaiter().GetResult();
                return true;
            }
            catch (CliException)
            {
                return false;
            }
        });
}
