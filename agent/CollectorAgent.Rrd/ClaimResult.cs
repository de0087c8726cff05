namespace CollectorAgent.Rrd;

/// <summary>What came of a claim.</summary>
/// <param name="Waiting">Data sources that have to wait for another claim, because this one has copied all that it may.</param>
/// <param name="CopiedCells">Cells of history that were copied.</param>
/// <param name="IsChanged">Whether the RRD consists of other tiles since.</param>
/// <param name="Retired">Data sources that nobody reports any more and that had to make room.</param>
public readonly record struct ClaimResult(int Waiting, long CopiedCells, bool IsChanged, int Retired);
