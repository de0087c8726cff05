using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>How full a file system is.</summary>
/// <remarks>.NET's <c>DriveInfo</c> asks twice for size and free space, and counts in blocks of the size that is best to read in; where a
/// file system in user space names another one for counting, it is wrong.</remarks>
public static class PosixFileSystem
{
    /// <summary>Asks the file system that a path lies on, and waits for ever where that one does.</summary>
    /// <exception cref="PosixException">There is no such path, or the file system cannot say.</exception>
    public static unsafe FileSystemSpace Space(string path)
    {
        using var text = new NativeText(path, stackalloc byte[NativeText.Room]);
        statvfs result;
        return LibC.statvfs(text.Start, &result) == 0
            ? new FileSystemSpace(result.f_frsize, result.f_blocks, result.f_bfree)
            : throw PosixException.Last($"statvfs {path}");
    }
}
