namespace CollectorAgent.Protocol;

/// <summary>What the exit code of a plugin tells the agent; any other but 0 is a failure.</summary>
public static class PluginExitCode
{
    /// <summary>What the plugin measures is not there on this host now; it is started again later, and nothing is held against it.
    /// The value is EX_UNAVAILABLE of sysexits.h.</summary>
    public const int Unavailable = 69;
}
