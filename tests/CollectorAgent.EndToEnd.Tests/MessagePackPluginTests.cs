using System.Globalization;
using System.Text.Json.Nodes;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Plugins on MessagePack-RPC, made with other people's implementations of MessagePack.</summary>
public sealed class MessagePackPluginTests
{
    private const string LastMinutes = "/rrd_updates?start=-120&host=true&json";

    // Two ticks; a plugin that is merely silent stays for three.
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(10);

    [ForeignToolsFact]
    public async Task Plugins_are_told_when_to_publish_and_are_recorded_and_say_farewell()
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path);
        using var python = ForeignPlugin.Python(agent.Paths.Socket, "py", 6);
        using var node = ForeignPlugin.Node(agent.Paths.Socket, "js", 6);
        await agent.UntilAsync("/status", s => Pid(s, "py") == python.Pid && Pid(s, "js") == node.Pid);

        Assert.Equal((0, ""), await python.EndAsync());
        Assert.Equal((0, ""), await node.EndAsync());
        await agent.UntilAsync("/status", s => Plugin(s, "py") is null && Plugin(s, "js") is null);
        var updates = await agent.UntilAsync(LastMinutes, _ => true);

        foreach (string uid in new[] { "py", "js" })
        {
            Assert.Contains("2.5", Column(updates, uid + "_level"));
            double[] counts = [.. Column(updates, uid + "_count").Where(v => v != "NaN").Select(v => double.Parse(v, CultureInfo.InvariantCulture))];
            Assert.True(counts.Length >= 2, updates.ToString());
            // 500 in about 5 s: a rate a second, not a count.
            Assert.All(counts, c => Assert.InRange(c, 50, 200));
        }
    }

    [ForeignToolsFact]
    public async Task Killed_plugin_is_unknown_at_once_and_another_takes_its_place()
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path);
        using var python = ForeignPlugin.Python(agent.Paths.Socket, "py", 0);
        using var node = ForeignPlugin.Node(agent.Paths.Socket, "js", 0);
        using var third = ForeignPlugin.Python(agent.Paths.Socket, "other", 0);
        await agent.UntilAsync("/status", s => IsLive(s, "py") && IsLive(s, "js") && IsLive(s, "other"));

        using (var second = ForeignPlugin.Node(agent.Paths.Socket, "py", 1))
        {
            Assert.Equal((1, $"Error: Rrdd_internal_error: py is registered by process {python.Pid}, whose connection is open\n"), await second.EndAsync());
        }
        python.Kill();
        node.Kill();
        long killed = TimeProvider.System.GetTimestamp();
        var status = await agent.UntilAsync("/status", s => Plugin(s, "py") is null && Plugin(s, "js") is null);

        Assert.True(TimeProvider.System.GetElapsedTime(killed) < AtOnce, "they were not gone at once");
        Assert.True(IsLive(status, "other"), status.ToString());
        Assert.True(File.Exists(agent.Paths.Page("py")) && File.Exists(agent.Paths.Page("js")), "their pages are left");
        await agent.UntilAsync(
            LastMinutes, u => Column(u, "py_level").First() == "NaN" && Column(u, "js_level").First() == "NaN" && Column(u, "other_level").First() == "2.5");

        using var successor = ForeignPlugin.Node(agent.Paths.Socket, "py", 0);
        await agent.UntilAsync("/status", s => IsLive(s, "py") && Pid(s, "py") == successor.Pid);
    }

    private static JsonNode? Plugin(JsonNode status, string uid) => status["plugins"]!.AsArray().FirstOrDefault(p => (string?)p!["uid"] == uid);

    private static int? Pid(JsonNode status, string uid) => (int?)Plugin(status, uid)?["peer"]?["pid"];

    private static bool IsLive(JsonNode status, string uid) => (string?)Plugin(status, uid)?["state"] == "live";

    private static IEnumerable<string> Column(JsonNode updates, string name)
    {
        int column = updates["meta"]!["legend"]!.AsArray().Select(e => (string)e!).ToList()
            .FindIndex(e => e.EndsWith(":" + name, StringComparison.Ordinal));
        return column < 0 ? ["no such column"] : updates["data"]!.AsArray().Select(r => (string)r!["values"]![column]!);
    }
}
