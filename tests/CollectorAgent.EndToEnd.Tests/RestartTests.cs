using System.Diagnostics;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A plugin made with the SDK that nobody's agent has started: it outlives agents.</summary>
public sealed class RestartTests
{
    // It looks every two seconds; the rest is for machines that are busy.
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Plugin_of_the_sdk_is_soon_registered_again_where_an_agent_was_killed()
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
                Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.Zero, Soon);
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
