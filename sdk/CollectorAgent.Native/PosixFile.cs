using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Native;

/// <summary>File calls that .NET does not offer.</summary>
public static partial class PosixFile
{
    private const int ReadOnly = 0;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    // The kernel numbers these two differently on ARM.
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64;
    private static readonly int Folder = IsArm ? 0x4000 : 0x10000;
    private static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    private const int AtCurrentFolder = -100;
    private const int AtEmptyPath = 0x1000;
    private const int AtNoFollow = 0x100;
    private const uint BasicStatistics = 0x7ff;

    private const int TypeMask = 0xf000;
    private const int TypeRegular = 0x8000;
    private const int TypeFolder = 0x4000;
    private const int TypeLink = 0xa000;

    /// <summary>Opens a file for reading without waiting for anything, as a FIFO would have one wait, and without following a link.</summary>
    /// <exception cref="PosixException">It cannot be opened.</exception>
    public static SafeFileHandle OpenForReading(string path) => Open(path, ReadOnly | NonBlocking | NoFollow | CloseOnExec);

    /// <exception cref="PosixException">There is no such file, or it may not be looked at.</exception>
    public static unsafe FileStatus Status(string path)
    {
        Statx result;
        return Status(path, statx(AtCurrentFolder, path, AtNoFollow, BasicStatistics, &result), result);
    }

    /// <exception cref="PosixException">The system cannot say.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public static unsafe FileStatus Status(SafeFileHandle file)
    {
        Statx result;
        return Status("of an open file", statx(file, "", AtEmptyPath, BasicStatistics, &result), result);
    }

    /// <summary>Makes the names in a folder durable.</summary>
    /// <exception cref="PosixException">The folder cannot be opened or synced.</exception>
    public static void SyncFolder(string path)
    {
        using var folder = Open(path, ReadOnly | Folder | CloseOnExec);
        if (fsync(folder) != 0)
        {
            throw new PosixException($"fsync {path}", Marshal.GetLastPInvokeError());
        }
    }

    private static SafeFileHandle Open(string path, int flags)
    {
        int descriptor = open(path, flags);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new PosixException($"open {path}", Marshal.GetLastPInvokeError());
    }

    private static FileStatus Status(string what, int returned, in Statx result)
    {
        if (returned != 0)
        {
            throw new PosixException($"statx {what}", Marshal.GetLastPInvokeError());
        }
        var kind = (result.Mode & TypeMask) switch
        {
            TypeRegular => FileKind.RegularFile,
            TypeFolder => FileKind.Folder,
            TypeLink => FileKind.SymbolicLink,
            _ => FileKind.Other,
        };
        return new FileStatus(kind, result.Inode, ((ulong)result.DeviceMajor << 32) | result.DeviceMinor, result.UserId, result.SizeBytes);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(int folder, string path, int flags, uint mask, Statx* result);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static unsafe partial int statx(SafeFileHandle file, string path, int flags, uint mask, Statx* result);

    /// <summary>The kernel's struct statx, the same on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Statx
    {
        [FieldOffset(20)]
        public uint UserId;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong SizeBytes;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
