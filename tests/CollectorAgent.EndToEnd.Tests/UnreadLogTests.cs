using System.Text.Json.Nodes;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A log that nobody reads, or that cannot be written: the agent records on, and stops when it is told to.</summary>
public sealed class UnreadLogTests
{
    private const int Flooding = 8;

    [Theory]
    [InlineData("a pipe that nobody reads", ":")]
    [InlineData("one pipe for both that nobody reads", "exec 2>&1")]
    [InlineData("a FIFO that nobody reads", "mkfifo $FOLDER/log; exec 2<>$FOLDER/log")]
    [InlineData("a pipe whose reader has gone", "exec 2> >(exec head -n 1 >/dev/null)")]
    [InlineData("a full disk", "exec 2>/dev/full")]
    [InlineData("closed", "exec 2>&-")]
    [InlineData("all three closed", "exec 0<&- 1>&- 2>&-")]
    public async Task Recording_and_the_end_do_not_wait_for_a_log(string where, string setup)
    {
        Assert.NotEmpty(where);
        using var folder = new TemporaryFolder();
        using var agent = await StartAsync(folder, setup);

        var status = await agent.UntilAsync("/status", s => (long)s["lost_log_lines"]! > 0);
        long ticks = (long)status["ticks"]!;
        var later = await agent.UntilAsync("/status", s => (long)s["ticks"]! >= ticks + 3 && AgentProcess.Page(s, "late") is not null);

        Assert.Equal(0, (long)later["missed_ticks"]!);
        var stopped = agent.EndAsync("TERM");
        Assert.Equal(0, await stopped.WaitAsync(AgentProcess.Deadline));
        // The store is as it was left, whatever descriptors were free at the start.
        using var next = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", folder.Folder("none"));
        Assert.DoesNotContain("[1001]", next.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_lost_is_said_when_the_log_is_read_again()
    {
        using var folder = new TemporaryFolder();
        using var agent = await StartAsync(folder, ":");
        await agent.UntilAsync("/status", s => (long)s["lost_log_lines"]! > 0);

        agent.ReadLog();

        await agent.LogsAsync("lines of the log were lost: standard error was not read");
        await agent.LogsAsync("Plugin flood-1: ");
        Assert.Equal(0, await agent.EndAsync("TERM"));
        await agent.LogsAsync("Stopped; ");
    }

    [Fact]
    public async Task Start_that_fails_ends_though_nobody_reads_why()
    {
        var (exitCode, errors) = await AgentProcess.RunInShellToEndAsync("exec 2>/dev/full", "--root", "/dev/null/a");
        Assert.Equal((1, ""), (exitCode, errors));

        // A pipe that is full already.
        (exitCode, _) = await AgentProcess.RunInShellToEndAsync(
            "exec 3> >(sleep 20); head -c 65536 /dev/zero >&3; exec 2>&3", "--nonsense").WaitAsync(AgentProcess.Deadline);
        Assert.Equal(2, exitCode);
    }

    private static async Task<AgentProcess> StartAsync(TemporaryFolder folder, string setup)
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
