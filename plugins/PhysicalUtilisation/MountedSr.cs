using CollectorAgent.Native;
using CollectorAgent.Storage;

namespace CollectorAgent.PhysicalUtilisationPlugin;

/// <summary>An SR that is a folder: a mounted file system, local or remote, or a link to one.</summary>
internal sealed class MountedSr(string folder)
{
    private readonly DiskImages _images = new(folder);

    /// <summary>Looks how full it is. This may take long where the folder is that of another host.</summary>
    /// <returns>Nothing, and no trouble, where it is a mount point on which nothing is mounted.</returns>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    public Answer<SrUse> Look(CancellationToken stop)
    {
        if (IsBareMountPoint())
        {
            return default;
        }
        var space = PosixFileSystem.Space(folder);
        var size = (UInt128)space.Blocks * space.BlockBytes;
        if (space.FreeBlocks > space.Blocks || size > long.MaxValue)
        {
            throw new IOException($"{folder} says it has {space.Blocks} blocks of {space.BlockBytes} bytes and {space.FreeBlocks} free ones");
        }
        long used = (long)((space.Blocks - space.FreeBlocks) * space.BlockBytes);
        long? bytes = _images.Sum(stop, out string? trouble);
        return new(new SrUse((long)size, used, bytes), trouble is null ? null : "virtual_allocation is unknown: " + trouble);
    }

    /// <summary>Whether it is an empty folder on the same file system as the one it lies in: it would pass for an SR as large as that.</summary>
    private bool IsBareMountPoint()
    {
        // With the dot it is what a link leads to.
        var here = PosixFile.Status(folder + "/.");
        var parent = PosixFile.Status(Path.GetDirectoryName(folder) + "/.");
        return here.Device == parent.Device && PosixFolder.Names(folder, most: 1).Count == 0;
    }
}
