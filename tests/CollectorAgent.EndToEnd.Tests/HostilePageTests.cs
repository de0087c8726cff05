using System.Diagnostics;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A page that becomes something else while it is read, beside one that stays what it is.</summary>
public sealed class HostilePageTests
{
    [Fact]
    public async Task Page_that_becomes_something_else_is_refused_and_costs_nobody_else_a_sample()
    {
        using var folder = new TemporaryFolder();
        string none = Directory.CreateDirectory(Path.Combine(folder.Path, "none")).FullName;
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", none);
        using var good = StartGood(folder.Path);
        try
        {
            string victim = agent.Paths.Page("victim");
            byte[] page = PageWriter.Version2(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), [new ReportedSource("v") { IsDefault = true }], [0]);
            await AppearAsync("victim");

            // None of these may be opened by the agent so that it waits, nor read without end.
            File.Delete(victim);
            await RunAsync("mkfifo", victim);
            await RefusedAsync(1);

            File.Delete(victim);
            File.CreateSymbolicLink(victim, "/etc/shadow");
            await RefusedAsync(2);

            // Of folders nothing is said before the whole page folder is looked at.
            File.Delete(victim);
            Directory.CreateDirectory(victim);
            await AppearAsync("after");
            Assert.Null(AgentProcess.Page(await agent.UntilAsync("/status", _ => true), "victim"));

            Directory.Delete(victim);
            await AppearAsync("victim");
            await File.WriteAllTextAsync(victim + ".tmp", "");
            await RunAsync("truncate", "-s", "10G", victim + ".tmp");
            File.Move(victim + ".tmp", victim, overwrite: true);
            var status = await agent.UntilAsync("/status", s => (string?)AgentProcess.Page(s, "victim")?["status"] == "InvalidHeader");

            Assert.Equal("live", (string?)AgentProcess.Page(status, "good")!["state"]);
            var updates = await agent.UntilAsync(Updates.Path, _ => true);
            Assert.Equal([1], Updates.SinceFirstKnown(updates, "good").Distinct());
            Assert.InRange(Process.GetProcessById(agent.Pid).WorkingSet64, 0, 400L << 20);

            async Task AppearAsync(string uid)
            {
                await File.WriteAllBytesAsync(agent.Paths.Page(uid) + ".tmp", page);
                File.Move(agent.Paths.Page(uid) + ".tmp", agent.Paths.Page(uid), overwrite: true);
                await agent.UntilAsync("/status", s => AgentProcess.Page(s, uid) is not null);
            }

            Task RefusedAsync(int times) => agent.UntilAsync("/status", s =>
                AgentProcess.Page(s, "victim") is null
                && agent.Log.Split("victim in the page folder is not read").Length > times);
        }
        finally
        {
            good.Kill();
        }
    }

    private static Process StartGood(string root)
    {
        var start = new ProcessStartInfo("python3", [Fixtures.Path("hostile_plugin.py"), "good"]);
        start.Environment[PluginEnvironment.Root] = root;
        return Process.Start(start)!;
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
        Assert.Equal(0, process.ExitCode);
    }
}
