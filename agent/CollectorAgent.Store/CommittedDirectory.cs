namespace CollectorAgent.Store;

/// <summary>A directory that the header of a file names.</summary>
/// <param name="Header">The copy that names it.</param>
/// <param name="Slot">Its place among the copies.</param>
/// <param name="Extents">Where it lies, and where its tiles lie.</param>
internal sealed record CommittedDirectory(FileHeader Header, int Slot, IReadOnlyList<Extent> Extents);
