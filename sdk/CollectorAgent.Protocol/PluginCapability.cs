namespace CollectorAgent.Protocol;

/// <summary>Something that a toolstack can count on while a plugin runs.</summary>
/// <param name="Name">Capital letters, digits and underscores, such as <see cref="SrStats"/>.</param>
/// <param name="SrTypes">For <see cref="SrStats"/>: the types of storage repositories whose statistics the plugin reports.</param>
public sealed record PluginCapability(string Name, IReadOnlyList<string> SrTypes)
{
    /// <summary>The plugin reports statistics of storage repositories.</summary>
    public const string SrStats = "SR_STATS";
}
