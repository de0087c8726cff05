namespace CollectorAgent.Protocol;

/// <summary>Whether a plugin that has ended is started again.</summary>
public enum PluginRestart
{
    /// <summary>Whatever its exit code.</summary>
    Always,

    /// <summary>Unless its exit code is 0.</summary>
    OnFailure,

    /// <summary>Not before its folder changes or somebody asks.</summary>
    Never,
}
