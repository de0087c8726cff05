namespace CollectorAgent.PhysicalUtilisationPlugin;

/// <summary>How full an SR is, in bytes.</summary>
/// <param name="Virtual">What its disks seem to have in sum; null where that is not known.</param>
internal sealed record SrUse(long Size, long Used, long? Virtual);
