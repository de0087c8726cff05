namespace CollectorAgent.Store;

/// <summary>How the store is doing.</summary>
/// <param name="UnsyncedSeconds">A power cut now would lose no more than what was recorded in this time.</param>
/// <param name="Failed">Owners that the last round could not bring to the disk.</param>
/// <param name="InMemory">Owners whose history goes on in memory because their files cannot take it.</param>
/// <param name="BytesOnDisk">What all files take on the disk.</param>
/// <param name="LastRoundSeconds">How long the last round took.</param>
public sealed record StoreReport(double UnsyncedSeconds, int Failed, int InMemory, long BytesOnDisk, double LastRoundSeconds);
