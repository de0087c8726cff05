namespace CollectorAgent.Storage;

/// <summary>A volume group of LVM.</summary>
/// <param name="Volumes">Its visible volumes; null where they are not known.</param>
public sealed record VolumeGroup(string Uuid, string Name, long SizeBytes, long FreeBytes, IReadOnlyList<LogicalVolume>? Volumes);
