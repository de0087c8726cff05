using CollectorAgent.Protocol;

namespace CollectorAgent.Sdk;

/// <summary>Keeps a plugin registered with whatever agent is there, and hands its notices on to the clock.</summary>
internal sealed class AgentLink(AgentPaths paths, string uid, TimeSpan negativeShift, SampleClock clock, TimeProvider time)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FarewellDeadline = TimeSpan.FromSeconds(1);

    private readonly Trouble _trouble = new();

    /// <summary>Looks for an agent each second until the token says stop; then deregisters.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var agent = await AgentClient.ConnectAsync(paths.Socket, uid, time, stop);
                await FollowAsync(agent, stop);
            }
            catch (Exception e) when (IsOfAgent(e))
            {
                _trouble.Is(e is RpcFailureException
                    ? $"the agent refuses {uid}: {e.Message}; trying again"
                    : $"no agent at {paths.Socket}: {e.Message}; trying again until there is one");
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            clock.Lost();
            await Task.Delay(RetryDelay, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task FollowAsync(AgentClient agent, CancellationToken stop)
    {
        clock.Registered(await agent.RegisterAsync(uid, negativeShift, stop));
        _trouble.Is(null);
        try
        {
            while (true)
            {
                clock.Noticed(await agent.NextSampleAsync(stop));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await DeregisterAsync(agent);
        }
    }

    private async Task DeregisterAsync(AgentClient agent)
    {
        using var deadline = new CancellationTokenSource(FarewellDeadline, time);
        try
        {
            await agent.DeregisterAsync(uid, deadline.Token);
        }
        catch (Exception e) when (IsOfAgent(e) || e is OperationCanceledException)
        {
            // The registration ends with the connection all the same.
        }
    }

    private static bool IsOfAgent(Exception e) => e is IOException or RpcFailureException or MessagePackFormatException;
}
