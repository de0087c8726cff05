using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using CollectorAgent.Protocol;

namespace CollectorAgent.PluginHost.Tests;

/// <summary>What docs/plugins.md tells an author to write.</summary>
public sealed partial class DocumentTests
{
    [Fact]
    public void Manifests_are_right()
    {
        var manifests = Examples("json").Select(e => PluginManifest.Parse(Encoding.UTF8.GetBytes(e))).ToList();

        Assert.Equal([PluginKind.Lines, PluginKind.Assembly, PluginKind.Executable], manifests.Select(m => m.Kind));
    }

    [Theory]
    [InlineData(0, "host spool_files", "host spool_free")]
    [InlineData(1, "host load")]
    public async Task Script_works(int place, params string[] sources)
    {
        await using var run = new ScriptRun(Examples("sh").ElementAt(place));

        Assert.Equal(sources, (await run.SampleAsync()).Keys);
        Assert.Equal(sources, (await run.SampleAsync()).Keys);
        Assert.Equal("", run.Errors);
    }

    [PythonFact]
    public async Task Python_program_works()
    {
        await using var run = new ScriptRun(Examples("python").Single(), "/usr/bin/python3");

        Assert.Equal([3.0], (await run.SampleAsync()).Values);
        Assert.Equal(OwnerKind.Sr, Assert.Single(run.Page.Sources).Owner.Kind);
        Assert.Equal("", run.Errors);
    }

    private static IEnumerable<string> Examples(string language, [CallerFilePath] string thisFile = "")
    {
        string page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "docs", "plugins.md"));
        return Example().Matches(page).Where(m => m.Groups[1].Value == language).Select(m => m.Groups[2].Value);
    }

    [GeneratedRegex(@"```(\w+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Example();
}
