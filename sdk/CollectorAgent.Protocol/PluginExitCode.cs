namespace CollectorAgent.Protocol;

/// <summary>What the exit code of a plugin tells the agent; any other but 0 is a failure.</summary>
public static class PluginExitCode
{
    /// <summary>What the plugin measures is not there on this host now; it is started again later, and nothing is held against it.
    /// The value is EX_UNAVAILABLE of sysexits.h.</summary>
    public const int Unavailable = 69;

    /// <summary>The plugin cannot be loaded as it is, so that starting it again is of no use before it changes; standard error says what is
    /// wrong. The value is EX_CONFIG of sysexits.h.</summary>
    public const int Misconfigured = 78;
}
