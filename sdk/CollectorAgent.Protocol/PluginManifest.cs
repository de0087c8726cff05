namespace CollectorAgent.Protocol;

/// <summary>What the folder of a plugin says of it in <c>plugin.json</c>. See docs/formats/plugin-folder.md.</summary>
/// <param name="Name">Its name in logs and in the list of plugins; as a <see cref="PluginUid"/>.</param>
/// <param name="Entry">The file it is started by: a path inside its folder.</param>
/// <param name="Kind">What that file is.</param>
public sealed record PluginManifest(string Name, string Entry, PluginKind Kind)
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "plugin.json";

    /// <summary>A longer one is refused.</summary>
    public const int MaxBytes = 64 << 10;

    /// <summary>Free text.</summary>
    public string Version { get; init; } = "";

    /// <summary>One sentence for people.</summary>
    public string Description { get; init; } = "";

    /// <summary>What it is started with.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>What it may publish, and where.</summary>
    public PagePermit Permit { get; init; } = PagePermit.Unlimited;

    /// <summary>The uids of the pages it may publish.</summary>
    public IReadOnlyList<string> Pages { get; init; } = [Name];

    /// <summary>What a toolstack can count on while it runs.</summary>
    public IReadOnlyList<PluginCapability> Capabilities { get; init; } = [];

    /// <summary>What it may use.</summary>
    public PluginLimits Limits { get; init; } = new();

    /// <summary>The user it runs as; null for the agent's own.</summary>
    public string? User { get; init; }

    /// <summary>Whether it is started again when it has ended.</summary>
    public PluginRestart Restart { get; init; }

    /// <summary>Reads a manifest.</summary>
    /// <param name="json">The whole file.</param>
    /// <exception cref="PluginManifestException">It is wrong; the message names the member and says what would be right.</exception>
    public static PluginManifest Parse(ReadOnlyMemory<byte> json) => PluginManifestReader.Read(json);
}
