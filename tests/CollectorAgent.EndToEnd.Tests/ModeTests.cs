using System.Globalization;
using CollectorAgent.Native;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Who may read and write what the agent makes, as docs/operating.md has it, whatever the umask is.</summary>
public sealed class ModeTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("022")]
    [InlineData("077")]
    [InlineData("0777")]
    public async Task Modes_do_not_depend_on_the_umask(string umask)
    {
        using var folder = new TemporaryFolder();
        string root = Path.Combine(folder.Path, "root");
        string[] options = ["--listen", "none", "--plugins", folder.Folder("none")];
        using (var agent = await AgentProcess.StartUnreadAsync(root, "umask " + umask, options))
        {
            double now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
            string page = agent.Paths.Page("a");
            await File.WriteAllBytesAsync(page, PageWriter.Version2(now, [new ReportedSource("x") { IsDefault = true }], [0]));
            await agent.UntilAsync("/status", s => s["owners"]!.AsArray().Count > 0);
            File.Delete(page);
            await Toolstack.DoAsync(agent, "set_cache_sr", "sr_uuid=5b7a1c1e-0000-4000-8000-000000000001");

            Assert.Equal(
                Expected(),
                string.Join('\n', Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories)
                    .Where(p => !p.EndsWith(".tmp", StringComparison.Ordinal))
                    .Select(p => $"{Path.GetRelativePath(root, p)} {Mode(p)}").Order(StringComparer.Ordinal)));
            await agent.EndAsync("TERM");
        }
    }

    [Fact]
    public async Task Folder_that_an_agent_of_before_left_open_to_all_is_closed()
    {
        using var folder = new TemporaryFolder();
        string store = Directory.CreateDirectory(Path.Combine(folder.Path, "var/lib/collector-agent")).FullName;
        File.SetUnixFileMode(store, (UnixFileMode)0b111_111_111);
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", folder.Folder("none"));

        Assert.Equal("700", Mode(store));
    }

    private static string Expected()
    {
        bool isShared = Environment.IsPrivilegedProcess && PosixUser.FindGroup("rrdmetrics") is not null;
        return $"""
            dev 755
            dev/shm 755
            dev/shm/metrics {(isShared ? "1775" : "755")}
            var 755
            var/lib 755
            var/lib/collector-agent 700
            var/lib/collector-agent/host-uuid 644
            var/lib/collector-agent/lock 600
            var/lib/collector-agent/rrds 700
            var/lib/collector-agent/rrds/host.rrd 600
            var/lib/collector-agent/toolstack.json 644
            var/lib/xcp 711
            var/lib/xcp/xcp-rrdd {(isShared ? "660" : "600")}
            var/lib/xcp/xcp-rrdd.forwarded 600
            var/xapi 711
            var/xapi/xcp-rrdd 777
            """;
    }

    private static string Mode(string path) => Convert.ToString((int)PosixFile.Status(path).Mode, 8).ToString(CultureInfo.InvariantCulture);
}
