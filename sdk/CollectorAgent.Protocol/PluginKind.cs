namespace CollectorAgent.Protocol;

/// <summary>What a plugin is started by.</summary>
public enum PluginKind
{
    /// <summary>A program that writes a sample page itself.</summary>
    Executable,

    /// <summary>A program or script that prints values; a plugin host writes its page.</summary>
    Lines,

    /// <summary>A .NET assembly that a plugin host loads.</summary>
    Assembly,
}
