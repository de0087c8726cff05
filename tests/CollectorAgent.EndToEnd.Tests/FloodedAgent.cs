using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>An agent whose plugins print more than its log takes.</summary>
internal static class FloodedAgent
{
    private const int Flooding = 8;

    /// <summary>Has one with a log as a shell sets it up lose lines, record on, and end.</summary>
    /// <param name="where">Names the case.</param>
    public static async Task RecordsAndEndsAsync(string where, string setup)
    {
        Assert.NotEmpty(where);
        using var folder = new TemporaryFolder();
        using var agent = await StartAsync(folder, setup);

        var status = await agent.UntilAsync("/status", s => (long)s["lost_log_lines"]! > 0);
        long ticks = (long)status["ticks"]!;
        var later = await agent.UntilAsync("/status", s => (long)s["ticks"]! >= ticks + 3 && AgentProcess.Page(s, "late") is not null);

        // A host that is busy may cost a tick; one that waited for its log would come to no further one.
        Assert.InRange((long)later["missed_ticks"]!, 0, 1);
        var stopped = agent.EndAsync("TERM");
        Assert.Equal(0, await stopped.WaitAsync(AgentProcess.Deadline));
        // The store is as it was left, whatever descriptors were free at the start.
        using var next = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", folder.Folder("none"));
        Assert.DoesNotContain("[1001]", next.Log, StringComparison.Ordinal);
    }

    public static async Task<AgentProcess> StartAsync(TemporaryFolder folder, string setup)
    {
        string plugins = Path.Combine(folder.Path, "plugins");
        for (int i = 0; i < Flooding; i++)
        {
            string plugin = Directory.CreateDirectory(Path.Combine(plugins, $"flood-{i}")).FullName;
            string program = Path.Combine(plugin, "run");
            // Four times what the agent takes of a plugin in ten seconds, each second: more of it would cost processors only.
            await File.WriteAllTextAsync(program, $"#!/bin/sh\nwhile yes {new string('x', 1000)} | head -n 200; do sleep 1; done\n");
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            await File.WriteAllTextAsync(Path.Combine(plugin, "plugin.json"), $$"""{ "name": "flood-{{i}}", "executable": "run" }""");
        }
        var agent = await AgentProcess.StartUnreadAsync(
            folder.Path, setup.Replace("$FOLDER", folder.Path, StringComparison.Ordinal), "--listen", "none", "--plugins", plugins);
        // A new page has the tick say something.
        var now = TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch;
        string page = agent.Paths.Page("late");
        await File.WriteAllBytesAsync(page, Protocol.PageWriter.Version2(now.TotalSeconds, [new Protocol.ReportedSource("x")], [0]));
        return agent;
    }
}
