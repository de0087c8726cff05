namespace CollectorAgent.Cli;

/// <summary>Reads <c>/status</c>.</summary>
internal static class StatusReader
{
    /// <exception cref="CliException">It is not what it should be.</exception>
    public static Task<AgentStatus> ReadAsync(AgentConnection agent, Stream answer, CancellationToken cancellationToken) =>
        agent.ReadJsonAsync(AgentStatus.Path, answer, AgentJson.Default.AgentStatus, cancellationToken);

    /// <summary>How long ago something was.</summary>
    /// <param name="now">By the clock of the agent.</param>
    /// <param name="unixSeconds">0, or null: never.</param>
    public static string Age(DateTimeOffset now, double? unixSeconds) =>
        unixSeconds is > 0 ? $"{ValueText.Span(now.ToUnixTimeMilliseconds() / 1000.0 - unixSeconds.Value)} ago" : "never";
}
