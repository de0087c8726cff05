using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Plugins that nobody made with our SDK.</summary>
public sealed class ForeignPluginTests
{
    [Fact]
    public async Task Python_plugin_on_the_socket_is_recorded_and_says_farewell()
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path);
        var start = new ProcessStartInfo("python3", [Fixture("socket_plugin.py"), agent.Paths.Socket, "py", "4"]) { RedirectStandardError = true };
        using var plugin = Process.Start(start)!;
        var errors = plugin.StandardError.ReadToEndAsync();

        await plugin.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((0, ""), (plugin.ExitCode, await errors));
        await agent.UntilAsync("/status", s => s["plugins"]!.AsArray().All(p => (string?)p!["uid"] != "py"));
        var updates = await agent.UntilAsync("/rrd_updates?start=-120&host=true&json", _ => true);

        Assert.Contains("2.5", Column(updates, "py_level"));
        Assert.True(Column(updates, "py_count").Count(v => v != "NaN") >= 2, updates.ToString());
        Assert.All(Column(updates, "py_count").Where(v => v != "NaN"), v =>
            Assert.InRange(double.Parse(v, System.Globalization.CultureInfo.InvariantCulture), 70, 140));
    }

    private static IEnumerable<string> Column(JsonNode updates, string name)
    {
        int column = updates["meta"]!["legend"]!.AsArray().Select(e => (string)e!).ToList()
            .FindIndex(e => e.EndsWith(":" + name, StringComparison.Ordinal));
        Assert.True(column >= 0, $"no column {name}");
        return updates["data"]!.AsArray().Select(r => (string)r!["values"]![column]!);
    }

    private static string Fixture(string name, [CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "fixtures", name));
}
