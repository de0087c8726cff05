using System.Diagnostics;
using CollectorAgent.Native;
using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins.Tests;

/// <summary>Whose a page is, with real processes as plugins.</summary>
public sealed class PageGrantsTests : IDisposable
{
    private readonly PageGrants _grants = new();
    private readonly Process _plugin = Process.Start(new ProcessStartInfo("setsid", ["sh", "-c", "sleep 60 & echo $!; wait"]) { RedirectStandardOutput = true })!;
    private readonly PeerIdentity _child;

    public PageGrantsTests()
    {
        int child = int.Parse(_plugin.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
        _child = new PeerIdentity(child, 0, 0);
        _grants.Add(Manifest("p", "p", "p2"), 0);
        _grants.Add(Manifest("q", "q"), 12345);
        _grants.SetSession("p", _plugin.Id);
    }

    private static PeerIdentity Stranger => new(Environment.ProcessId, 0, 0);

    public void Dispose()
    {
        PosixProcess.KillGroup(_plugin.Id);
        _plugin.WaitForExit();
        _plugin.Dispose();
    }

    [Fact]
    public void Processes_of_a_plugin_speak_for_its_pages()
    {
        _grants.Check("p", _child);
        _grants.Check("p2", new PeerIdentity(_plugin.Id, 0, 0));
        _grants.Check("unknown", Stranger);
    }

    [Fact]
    public void Others_do_not()
    {
        AssertRefused("the page p belongs to the plugin p, which the agent runs itself", () => _grants.Check("p", Stranger));
        AssertRefused("the page q belongs to the plugin q", () => _grants.Check("q", _child));
        AssertRefused("the manifest of p does not list unknown in 'pages'", () => _grants.Check("unknown", _child));
    }

    [Fact]
    public void Page_is_the_file_of_its_plugin_s_user()
    {
        _grants.Check("p", Of(0));
        _grants.Check("q", Of(12345));
        _grants.Check("unknown", Of(0));
        _grants.Check("unknown", Of(77));
        AssertRefused("belongs to user 0, but the plugin q runs as user 12345", () => _grants.Check("q", Of(0)));
        AssertRefused("as whom the plugin q runs, whose manifest does not list it", () => _grants.Check("unknown", Of(12345)));
    }

    [Fact]
    public void Page_of_one_plugin_is_not_given_to_another()
    {
        AssertRefused("the page p2 belongs to the plugin p already", () => _grants.Add(Manifest("r", "r", "p2"), 0));
        Assert.Null(_grants.Find("r"));

        _grants.Remove("p");
        _grants.Add(Manifest("r", "r", "p2"), 0);

        Assert.Equal("r", _grants.Find("p2")!.Plugin);
    }

    private static FileStatus Of(uint user) => new(FileKind.RegularFile, 1, 1, user, 0, 0);

    private static PluginManifest Manifest(string name, params string[] pages) => new(name, "run", PluginKind.Executable) { Pages = pages };

    private static void AssertRefused(string expected, Action check) =>
        Assert.Contains(expected, Assert.Throws<PluginProtocolException>(check).Message, StringComparison.Ordinal);
}
