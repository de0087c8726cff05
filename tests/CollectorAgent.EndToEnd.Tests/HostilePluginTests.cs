using System.Text.Json;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Plugins that crash, flood, fork and lie, beside one that does what it should: it loses nothing.</summary>
public sealed class HostilePluginTests
{
    [Fact]
    public async Task Hostile_plugins_cost_nobody_else_a_sample()
    {
        using var folder = new TemporaryFolder();
        string plugins = Path.Combine(folder.Path, "etc/collector-agent/plugins.d");
        Drop(plugins, "good");
        using var agent = await AgentProcess.StartAsync(folder.Path);
        await agent.UntilAsync("/status", s => (string?)AgentProcess.Page(s, "good")?["state"] == "live");
        string[] hostile = ["thief", "many", "torn", "forks", "flood"];
        foreach (string name in hostile)
        {
            Drop(plugins, name);
        }
        Drop(plugins, "owners", """, "owners": ["host"]""");
        Drop(plugins, "greedy", """, "limits": { "data_sources": 10 }""");
        Write(plugins, "outside", """{ "name": "outside", "executable": "../good/run" }""");

        var status = await agent.UntilAsync("/status", s =>
            (string?)AgentProcess.Plugin(s, "outside")?["state"] == "wrong"
            && (string?)AgentProcess.Page(s, "owners")?["state"] == "live"
            && (string?)AgentProcess.Page(s, "greedy")?["status"] == "TooManySources"
            && agent.Log.Contains("refused 10000", StringComparison.Ordinal)
            && agent.Log.Contains("left process", StringComparison.Ordinal)
            && agent.Log.Contains("more lines are left out", StringComparison.Ordinal)
            && (int)AgentProcess.Page(s, "torn")!["counts"]!["ok"]! >= 2);

        Assert.Contains("'executable': ../good/run leads out of the folder", (string)AgentProcess.Plugin(status, "outside")!["reason"]!, StringComparison.Ordinal);
        Assert.Contains("belongs to the plugin good, which the agent runs itself", agent.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("Success", agent.Log, StringComparison.Ordinal);
        Assert.Equal("live", (string?)AgentProcess.Page(status, "good")!["state"]);
        var updates = await agent.UntilAsync(Updates.Path, _ => true);
        Assert.Equal([1], Updates.SinceFirstKnown(updates, "good").Distinct());
        Assert.DoesNotContain(":owners\"", updates.ToString(), StringComparison.Ordinal);

        int child = int.Parse(agent.Log.Split("child ")[^1].Split('\n')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(0, await agent.EndAsync("TERM"));
        Assert.False(Directory.Exists($"/proc/{child}") && !File.ReadAllText($"/proc/{child}/stat").Contains(") Z", StringComparison.Ordinal));
    }

    private static void Drop(string plugins, string name, string rest = "") => Write(
        plugins, name, $$"""{ "name": "{{name}}", "executable": "run", "arguments": [{{JsonSerializer.Serialize(name)}}]{{rest}} }""");

    private static void Write(string plugins, string name, string manifest)
    {
        string folder = Directory.CreateDirectory(Path.Combine(plugins, name)).FullName;
        string program = Path.Combine(folder, "run");
        File.WriteAllText(program, $"#!/bin/sh\nexec python3 {Fixtures.Path("hostile_plugin.py")} \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.WriteAllText(Path.Combine(folder, "plugin.json"), manifest);
    }
}
