namespace CollectorAgent.Protocol;

/// <summary>Environment variables that an agent sets for the plugins it starts.</summary>
public static class PluginEnvironment
{
    /// <summary>The root of <see cref="AgentPaths"/>.</summary>
    public const string Root = "COLLECTOR_AGENT_ROOT";

    /// <summary>Set to <see cref="LifelineIsInput"/>: the agent holds the other end of the plugin's standard input open for as long
    /// as it lives, and sends nothing.</summary>
    public const string Lifeline = "COLLECTOR_AGENT_LIFELINE";

    /// <summary>The value of <see cref="Lifeline"/>.</summary>
    public const string LifelineIsInput = "stdin";

    /// <summary>A text that no other process has: every process that a plugin leaves behind is found by it.</summary>
    public const string Mark = "COLLECTOR_AGENT_MARK";
}
