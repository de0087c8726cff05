namespace CollectorAgent.Storage;

/// <summary>An SR that is a volume group.</summary>
/// <param name="Uuid">The SR's, in lower case.</param>
public sealed record LvmSr(string Uuid, VolumeGroup Group);
