using System.Diagnostics;
using System.Text.Json.Nodes;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Plugins that nobody made with our SDK.</summary>
public sealed class ForeignPluginTests
{
    [Fact]
    public async Task Python_plugin_on_the_socket_is_recorded_and_says_farewell()
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path);
        var start = new ProcessStartInfo("python3", [Fixtures.Path("socket_plugin.py"), agent.Paths.Socket, "py", "4"]) { RedirectStandardError = true };
        using var plugin = Process.Start(start)!;
        var errors = plugin.StandardError.ReadToEndAsync();

        await plugin.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
        Assert.Equal((0, ""), (plugin.ExitCode, await errors));
        await agent.UntilAsync("/status", s => s["plugins"]!.AsArray().All(p => (string?)p!["uid"] != "py"));
        var updates = await agent.UntilAsync("/rrd_updates?start=-120&host=true&json", _ => true);

        Assert.Contains("2.5", Column(updates, "py_level"));
        Assert.True(Column(updates, "py_count").Count(v => v != "NaN") >= 2, updates.ToString());
        Assert.All(Column(updates, "py_count").Where(v => v != "NaN"), v =>
            Assert.InRange(double.Parse(v, System.Globalization.CultureInfo.InvariantCulture), 70, 140));
    }

    [Fact]
    public async Task Metrics_that_python_writes_into_the_folder_are_recorded_with_their_labels()
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path);
        // The one that the packages of the distribution belong to, whatever comes first on the path.
        var start = new ProcessStartInfo(
            "/usr/bin/python3", ["-B", Fixtures.Path("openmetrics_page.py"), Path.Combine(agent.Paths.Pages, "metrics"), "protobuf"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var writer = Process.Start(start)!;
        int number = 0;
        async Task WriteAsync()
        {
            await writer.StandardInput.WriteLineAsync(string.Create(
                System.Globalization.CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()} {++number}"));
            await writer.StandardInput.FlushAsync();
            Assert.NotNull(await writer.StandardOutput.ReadLineAsync().WaitAsync(AgentProcess.Deadline));
        }

        // As a writer does it: on and on. A rate needs two samples without a silence between, however long an agent takes under load.
        using var over = new CancellationTokenSource();
        async Task WriteOnAsync()
        {
            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            do
            {
                await WriteAsync();
            }
            while (await timer.WaitForNextTickAsync(over.Token));
        }

        var writing = WriteOnAsync();
        var updates = await agent.UntilAsync("/rrd_updates?start=-120&host=true&json", u => Known(u, "v3_calls_total{a=2,z=1}").Any());
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => writing);
        var status = await agent.UntilAsync("/status", _ => true);
        writer.StandardInput.Close();
        await writer.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);

        Assert.Equal(0, writer.ExitCode);
        Assert.Contains("0.125", Known(updates, "took_seconds{quantile=0.5}"));
        Assert.Contains("1", Known(updates, "door{door=open,side=left}"));
        var rooms = Known(updates, "room_celsius{room=a%2Cb%3D%22%7Bc%7D%22 \\ %0A}").ToList();
        Assert.NotEmpty(rooms);
        Assert.All(rooms, r => Assert.InRange(int.Parse(r, System.Globalization.CultureInfo.InvariantCulture), 1, number));
        Assert.Equal(3, (int?)Metrics(status)!["page_version"]);
        Assert.Equal(["family build: info has no number"], Metrics(status)!["left_out"]!.AsArray().Select(l => (string)l!));
    }

    private static JsonNode? Metrics(JsonNode status) => status["plugins"]!.AsArray().FirstOrDefault(p => (string?)p!["uid"] == "metrics");

    private static IEnumerable<string> Known(JsonNode updates, string name) =>
        updates["meta"]!["legend"]!.AsArray().Any(e => ((string)e!).EndsWith(":" + name, StringComparison.Ordinal))
            ? Column(updates, name).Where(v => v != "NaN")
            : [];

    private static IEnumerable<string> Column(JsonNode updates, string name)
    {
        int column = updates["meta"]!["legend"]!.AsArray().Select(e => (string)e!).ToList()
            .FindIndex(e => e.EndsWith(":" + name, StringComparison.Ordinal));
        Assert.True(column >= 0, $"no column {name}");
        return updates["data"]!.AsArray().Select(r => (string)r!["values"]![column]!);
    }
}
