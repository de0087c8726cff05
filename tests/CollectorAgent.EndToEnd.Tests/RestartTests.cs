using System.Diagnostics;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A plugin made with the SDK that nobody's agent has started: it outlives agents.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task Plugin_of_the_sdk_is_registered_again_within_two_seconds_of_an_agent_that_was_killed()
    {
        using var folder = new TemporaryFolder();
        string none = Directory.CreateDirectory(Path.Combine(folder.Path, "none")).FullName;
        using var plugin = StartHostPlugin(folder.Path);
        try
        {
            using (var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", none))
            {
                await agent.UntilAsync("/status", s => (string?)AgentProcess.Page(s, "collector-host")?["state"] == "live");
                await agent.EndAsync("KILL");
            }
            using (var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", none))
            {
                long started = TimeProvider.System.GetTimestamp();
                // The page alone is found at once, but only a connection says whose it is.
                await agent.UntilAsync("/status", s => AgentProcess.Page(s, "collector-host")?["peer"] is { } peer && (int)peer["pid"]! == plugin.Id);
                Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 2 + 5);
                await agent.UntilAsync("/status", s => (string?)AgentProcess.Page(s, "collector-host")?["state"] == "live");
            }
        }
        finally
        {
            plugin.Kill();
        }
    }

    private static Process StartHostPlugin(string root)
    {
        var start = new ProcessStartInfo(AgentProcess.Program("CollectorAgent.HostPlugin", "collector-host-plugin")) { RedirectStandardError = true };
        start.Environment[PluginEnvironment.Root] = root;
        start.Environment.Remove(PluginEnvironment.Lifeline);
        var plugin = Process.Start(start)!;
        plugin.ErrorDataReceived += (_, _) => { };
        plugin.BeginErrorReadLine();
        return plugin;
    }
}
