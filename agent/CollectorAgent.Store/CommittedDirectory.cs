namespace CollectorAgent.Store;

/// <summary>A directory that the header of a file names.</summary>
/// <param name="Header">The copy that names it.</param>
/// <param name="Slot">Its place among the copies.</param>
/// <param name="Extents">Where it lies, both times, and where its tiles lie.</param>
internal sealed record CommittedDirectory(FileHeader Header, int Slot, IReadOnlyList<Extent> Extents)
{
    /// <summary>Where in its bytes each tile stands, by tag; empty where this process did not write it.</summary>
    public IReadOnlyDictionary<long, Range> Tiles { get; init; } = new Dictionary<long, Range>();
}
