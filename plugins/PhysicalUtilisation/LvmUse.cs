using CollectorAgent.Storage;

namespace CollectorAgent.PhysicalUtilisationPlugin;

/// <summary>How full a volume group is.</summary>
internal static class LvmUse
{
    // What Xen's storage drivers name volumes that hold a disk image: the disk's virtual size stands inside, and nobody reads volumes here.
    private static readonly string[] ImagePrefixes = ["VHD-", "QCOW2-"];

    /// <summary>The volume in which the storage drivers keep their own notes.</summary>
    private const string Notes = "MGT";

    public static SrUse Of(VolumeGroup group) => new(group.SizeBytes, group.SizeBytes - group.FreeBytes, Virtual(group.Volumes));

    private static long? Virtual(IReadOnlyList<LogicalVolume>? volumes)
    {
        var disks = volumes?.Where(volume => !volume.IsPool && volume.Name != Notes).ToList();
        return disks is null || disks.Any(HoldsImage) ? null : disks.Sum(disk => disk.SizeBytes);
    }

    private static bool HoldsImage(LogicalVolume volume) =>
        ImagePrefixes.Any(prefix => volume.Name.StartsWith(prefix, StringComparison.Ordinal));
}
