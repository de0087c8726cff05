using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A log that nobody reads: the agent records on, and stops when it is told to.</summary>
public sealed class UnreadLogTests
{
    [Theory]
    [InlineData("a pipe that nobody reads", ":")]
    [InlineData("one pipe for both that nobody reads", "exec 2>&1")]
    [InlineData("a FIFO that nobody reads", "mkfifo $FOLDER/log; exec 2<>$FOLDER/log")]
    public Task Recording_and_the_end_do_not_wait_for_a_log(string where, string setup) => FloodedAgent.RecordsAndEndsAsync(where, setup);

    [Fact]
    public async Task What_was_lost_is_said_when_the_log_is_read_again()
    {
        using var folder = new TemporaryFolder();
        using var agent = await FloodedAgent.StartAsync(folder, ":");
        await agent.UntilAsync("/status", s => (long)s["lost_log_lines"]! > 0);

        agent.ReadLog();

        await agent.LogsAsync("lines of the log were lost: they were not read");
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
}
