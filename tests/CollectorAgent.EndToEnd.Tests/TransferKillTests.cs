using System.Globalization;
using System.Text.Json;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>An agent that is killed just before a call that reaches disk or wire, while it takes up an RRD or gives one away: nothing is lost, and the
/// same can be told again.</summary>
public sealed class TransferKillTests(ITestOutputHelper output)
{
    /// <summary>At how many calls of each transfer; tests/kill/run says more. Where it has fewer, at each.</summary>
    private static int Kills => int.Parse(Environment.GetEnvironmentVariable("COLLECTOR_AGENT_KILLS") ?? "2", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("push_rrd_local", false, false)]
    [InlineData("push_rrd_remote", true, false)]
    [InlineData("push_rrd_remote", true, true)]
    [InlineData("migrate_rrd", true, false)]
    [InlineData("migrate_rrd", true, true)]
    [InlineData("archive_rrd", false, false)]
    [InlineData("archive_rrd", true, false)]
    [InlineData("archive_rrd", true, true)]
    public async Task Nothing_is_lost_wherever_an_agent_is_killed(string method, bool goesElsewhere, bool killsReceiver)
    {
        using var folder = new TemporaryFolder();
        using var killer = new Killer(folder.Path);
        using var first = new PoolHost();
        using var second = new PoolHost();
        PoolHost.Join(first, second);
        var transfer = new Transfer(method, goesElsewhere ? second : null);
        var random = Seed.Random(output);
        var here = await first.StartAsync(environment: killsReceiver ? null : killer.Environment);
        var there = await second.StartAsync(environment: killsReceiver ? killer.Environment : null);
        try
        {
            var vm = await transfer.PrepareAsync(first, here, 0);
            killer.Count();
            Assert.Equal("Success", (await transfer.TellAsync(here, vm)).Status);
            long calls = killer.Stop();
            Assert.True(calls > 0, "no call was counted, so none can be killed at");
            int killed = 0;
            await transfer.TellAgainAsync(here, there, vm);
            long tries = Math.Min(Kills, calls);
            for (int i = 1; i <= tries; i++)
            {
                vm = await transfer.PrepareAsync(first, here, i);
                long call = Kills >= calls ? i : random.NextInt64(calls) + 1;
                // No two transfers have the same number of calls, but each has a first one.
                killer.KillAt(i == tries && killed == 0 ? 1 : call);
                await TryAsync(transfer, here, vm);
                bool isKilled = !killer.TryStop();
                killed += isKilled ? 1 : 0;
                if (isKilled && killsReceiver)
                {
                    await there.EndedAsync();
                    there.Dispose();
                    there = await second.StartAsync(environment: killer.Environment);
                }
                else if (isKilled)
                {
                    await here.EndedAsync();
                    here.Dispose();
                    here = await first.StartAsync(environment: killer.Environment);
                }
                await transfer.TellAgainAsync(here, there, vm);
            }
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{calls} calls, {killed} kills"));
            Assert.True(killed > 0, "nothing was killed");
        }
        finally
        {
            here.Dispose();
            there.Dispose();
        }
    }

    /// <summary>May succeed, fail or never be answered.</summary>
    private static async Task TryAsync(Transfer transfer, AgentProcess agent, GivenVm vm)
    {
        try
        {
            await transfer.TellAsync(agent, vm);
        }
        catch (JsonException)
        {
            // No answer.
        }
    }
}
