using System.Runtime.InteropServices;

namespace CollectorAgent.Native;

/// <summary>How full a file system is.</summary>
/// <remarks>.NET's <c>DriveInfo</c> asks twice for size and free space, and counts in blocks of the size that is best to read in; where a
/// file system in user space names another one for counting, it is wrong.</remarks>
public static partial class PosixFileSystem
{
    /// <summary>Asks the file system that a path lies on, and waits for ever where that one does.</summary>
    /// <exception cref="PosixException">There is no such path, or the file system cannot say.</exception>
    public static unsafe FileSystemSpace Space(string path)
    {
        Statfs result;
        return statfs(path, &result) == 0
            ? new FileSystemSpace(result.FragmentBytes > 0 ? result.FragmentBytes : result.BlockBytes, result.Blocks, result.FreeBlocks)
            : throw new PosixException($"statfs {path}", Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statfs(string path, Statfs* result);

    /// <summary>The C library's struct statfs on 64-bit systems, with room to spare.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Statfs
    {
        [FieldOffset(8)]
        public ulong BlockBytes;

        [FieldOffset(16)]
        public ulong Blocks;

        [FieldOffset(24)]
        public ulong FreeBlocks;

        /// <summary>What the numbers count; 0 in old file systems, which count blocks.</summary>
        [FieldOffset(72)]
        public ulong FragmentBytes;
    }
}
