namespace CollectorAgent.Storage;

/// <summary>A visible volume of LVM.</summary>
/// <param name="SizeBytes">What it offers; of a thin volume its virtual size.</param>
/// <param name="IsPool">It holds other volumes: a pool of thin or deduplicated ones.</param>
/// <param name="DataUsed">Used part of a thin pool's data, 0 to 1; unknown while the pool is not active.</param>
/// <param name="MetadataUsed">Used part of its metadata, likewise.</param>
public sealed record LogicalVolume(
    string Name, long SizeBytes, bool IsPool, double DataUsed = double.NaN, double MetadataUsed = double.NaN);
