using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary><c>collectorctl plugin test</c> with plugins as vendors write them, good and bad.</summary>
public sealed class PluginTestTests(PluginTrials trials) : IClassFixture<PluginTrials>
{
    [Theory]
    [MemberData(nameof(PluginTrials.Names), MemberType = typeof(PluginTrials))]
    public async Task Plugins_are_told_what_is_wrong_with_them(string name)
    {
        var (code, says) = PluginTrials.Expected(name);

        var (found, output) = await trials.ResultAsync(name);

        Assert.True(code == found, $"{found}\n{output}");
        Assert.All(says, s => Assert.Contains(s, output, StringComparison.Ordinal));
        Assert.DoesNotContain("Unhandled", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trials_leave_nothing_behind()
    {
        await trials.AllAsync();

        Assert.Empty(Directory.GetFileSystemEntries(trials.Scratch));
        Assert.Empty(ProcessesBelow.Of(trials.Scratch));
    }

    [Fact]
    public async Task Another_agent_cannot_be_named()
    {
        using var folder = new TemporaryFolder();
        using var scratch = new TemporaryFolder();

        var (code, output) = await PluginTrials.RunAsync(scratch.Path, PluginTrials.Lines(folder.Path, "good", "echo x 1"), null, "--root", "/nowhere");

        Assert.Equal(2, code);
        Assert.Equal("collectorctl: A plugin is tested under an agent of its own: leave out --root and --url.\n", output);
    }
}
