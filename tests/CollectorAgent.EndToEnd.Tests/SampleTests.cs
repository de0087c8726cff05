using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>The same plugin in four languages, as it lies in sdk/samples.</summary>
public sealed class SampleTests
{
    private const string Sr = "0b34c1d2-7e5a-4c8e-9d6b-2f1a3c5e7d90";

    private static readonly string[] Languages = ["csharp", "python", "c", "shell"];

    [Fact]
    public async Task Samples_report_the_same_in_every_language()
    {
        using var folder = new TemporaryFolder();
        string plugins = Path.Combine(folder.Path, "plugins.d");
        Drop(Path.GetDirectoryName(AgentProcess.Program("SamplePlugin", "SamplePlugin.dll"))!, Path.Combine(plugins, "csharp"));
        foreach (string language in Languages[1..])
        {
            Drop(Path.Combine(Samples(), language), Path.Combine(plugins, language));
        }
        using (var make = Process.Start("make", ["-s", "-C", Path.Combine(plugins, "c"), "sample"]))
        {
            await make.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
            Assert.Equal(0, make.ExitCode);
        }

        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", plugins);
        var updates = await agent.UntilAsync(Updates.Path, u => Languages.All(l => Updates.Known(u, l + "_total").Length >= 2));
        var sources = (await agent.UntilAsync("/data_sources", _ => true)).AsArray();

        foreach (string language in Languages)
        {
            Assert.All(Updates.Known(updates, language + "_level"), v => Assert.Equal(21.5, v));
            Assert.All(Updates.Known(updates, language + "_total"), v => Assert.InRange(v, 50, 200));
            Assert.All(Updates.Known(updates, $"sr:{Sr}:{language}_size"), v => Assert.Equal(1L << 40, v));
            Assert.NotEmpty(Updates.Known(updates, language + "_level"));
            Assert.NotEmpty(Updates.Known(updates, $"sr:{Sr}:{language}_size"));
            Assert.Equal(
                [$"host gauge Cel {language}_level", $"sr gauge B {language}_size", $"host derive ticks/s {language}_total"],
                sources.Where(s => (string?)s!["plugin"] == "sample-" + language).Select(Describe).OrderBy(s => s.Split('_')[^1], StringComparer.Ordinal));
        }
        Assert.Equal(0, await agent.EndAsync("TERM"));
        Assert.Empty(Directory.EnumerateFiles(agent.Paths.Pages));
    }

    private static string Describe(JsonNode? source) => $"{source!["owner"]} {source["type"]} {source["units"]} {source["name"]}";

    private static void Drop(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private static string Samples([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "sdk", "samples"));
}
