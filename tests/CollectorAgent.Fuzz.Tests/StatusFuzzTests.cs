using CollectorAgent.Cli;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>The status of an agent, as collectorctl reads and shows it.</summary>
public sealed class StatusFuzzTests(ITestOutputHelper output)
{
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
        string[] words = ["\"owners\":[", "\"plugins\":[{", "\"counts\":{", "\"pid\":", "\"at\":", "null", "[null]"];
        FuzzedAnswers.Run("status", [seed], words, output, async (agent, stream) =>
        {
            // What is read can be shown.
            var status = await StatusReader.ReadAsync(agent, stream, default);
            var now = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000);
            return string.Concat(StatusVerb.Lines(status, now, "place").Concat(PluginsVerb.AllLines(status, now)));
        });
    }
}
