using System.Net;

namespace CollectorAgent.Cli;

/// <summary>Waits from one tick of the agent to the next.</summary>
internal static class Readings
{
    /// <summary>A tick has done its work this long after it began, in general; if not, its row comes with the next.</summary>
    private static readonly TimeSpan TickTime = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <param name="stepSeconds">How long to wait if the agent does not say when it reads next.</param>
    public static async Task WaitAsync(Session session, long stepSeconds, CancellationToken cancellationToken)
    {
        double seconds = stepSeconds;
        try
        {
            var status = await session.Agent.GetJsonAsync(AgentStatus.Path, AgentJson.Default.AgentStatus, cancellationToken);
            seconds = status.NextReadingSeconds ?? stepSeconds;
        }
        catch (RefusalException e) when (e.Status == HttpStatusCode.NotFound)
        {
            // An agent before this one.
        }
        var wait = TimeSpan.FromSeconds(Math.Clamp(seconds, 0, Longest.TotalSeconds)) + TickTime;
        await Task.Delay(wait, session.Time, cancellationToken);
    }
}
