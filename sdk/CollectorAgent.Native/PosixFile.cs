using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Native;

/// <summary>File calls that .NET does not offer.</summary>
public static partial class PosixFile
{
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int Create = 0x40;
    private const int Exclusive = 0x80;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;

    // The kernel numbers these two differently on ARM.
    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64;
    private static readonly int Folder = IsArm ? 0x4000 : 0x10000;
    private static readonly int NoFollow = IsArm ? 0x8000 : 0x20000;

    private const uint OwnerOnly = 0x180;
    private const uint KeepUser = uint.MaxValue;

    private const int KeepSize = 1;
    private const int DeallocateRange = 2;
    private const long MemoryFileSystem = 0x01021994;
    private const int BlockBytes = 512;

    private const int AtCurrentFolder = -100;
    private const int AtEmptyPath = 0x1000;
    private const int AtNoFollow = 0x100;
    private const uint BasicStatistics = 0x7ff;

    private const int TypeMask = 0xf000;
    private const int TypeRegular = 0x8000;
    private const int TypeFolder = 0x4000;
    private const int TypeLink = 0xa000;
    private const int TypeBlockDevice = 0x6000;

    private const int SeekEnd = 2;
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockOrFail = 4;
    private const int WouldBlock = 11;

    /// <summary>Opens a file for reading without waiting for anything, as a FIFO would have one wait, and without following a link.</summary>
    /// <exception cref="PosixException">It cannot be opened.</exception>
    public static SafeFileHandle OpenForReading(string path) => Open(path, ReadOnly | NonBlocking | NoFollow | CloseOnExec);

    /// <summary>Opens a file for reading without waiting for anything, following links.</summary>
    /// <inheritdoc cref="OpenForReading"/>
    public static SafeFileHandle OpenLinked(string path) => Open(path, ReadOnly | NonBlocking | CloseOnExec);

    /// <summary>Opens a file for reading and writing, likewise.</summary>
    /// <inheritdoc cref="OpenForReading"/>
    public static SafeFileHandle OpenForUpdate(string path) => Open(path, ReadWrite | NonBlocking | NoFollow | CloseOnExec);

    /// <summary>Opens a block device for reading and writing, likewise, that nobody else has claimed by a mount or by opening it like this;
    /// a regular file as <see cref="OpenForUpdate"/> does.</summary>
    /// <inheritdoc cref="OpenForReading"/>
    public static SafeFileHandle OpenClaimed(string path) => Open(path, ReadWrite | Exclusive | NonBlocking | NoFollow | CloseOnExec);

    /// <summary>Makes a file that its owner alone can read and write.</summary>
    /// <exception cref="PosixException">It cannot be made, or there is one of that name.</exception>
    public static SafeFileHandle CreateNew(string path) => Open(path, ReadWrite | Create | Exclusive | NoFollow | CloseOnExec);

    /// <exception cref="PosixException">There is no such file, or it may not be looked at.</exception>
    public static unsafe FileStatus Status(string path)
    {
        Statx result;
        return Status(path, statx(AtCurrentFolder, path, AtNoFollow, BasicStatistics, &result), result);
    }

    /// <summary>Gives a file to a group; its user stays.</summary>
    /// <exception cref="PosixException">It is not ours to give.</exception>
    public static void ChangeGroup(string path, uint group)
    {
        if (chown(path, KeepUser, group) != 0)
        {
            throw new PosixException($"chown {path}", Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>The path of a file that is there, without links on the way.</summary>
    /// <exception cref="PosixException">There is none, or it may not be looked at.</exception>
    public static string RealPath(string path)
    {
        nint resolved = realpath(path, 0);
        if (resolved == 0)
        {
            throw new PosixException(path, Marshal.GetLastPInvokeError());
        }
        try
        {
            return Marshal.PtrToStringUTF8(resolved)!;
        }
        finally
        {
            free(resolved);
        }
    }

    /// <exception cref="PosixException">The system cannot say.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public static unsafe FileStatus Status(SafeFileHandle file)
    {
        Statx result;
        return Status("of an open file", statx(file, "", AtEmptyPath, BasicStatistics, &result), result);
    }

    /// <summary>The length of a file or of a block device, of which the status says 0.</summary>
    /// <exception cref="PosixException">It has none.</exception>
    public static long Length(SafeFileHandle file)
    {
        long length = lseek(file, 0, SeekEnd);
        return length >= 0 ? length : throw new PosixException("lseek", Marshal.GetLastPInvokeError());
    }

    /// <summary>Takes the lock of an open file until it is closed, for whoever asks for the lock as well.</summary>
    /// <param name="isShared">With others that share it.</param>
    /// <returns>False if another one has it.</returns>
    /// <exception cref="PosixException">The file system cannot do that.</exception>
    public static bool TryLock(SafeFileHandle file, bool isShared)
    {
        if (flock(file, (isShared ? LockShared : LockExclusive) | LockOrFail) == 0)
        {
            return true;
        }
        int errno = Marshal.GetLastPInvokeError();
        return errno == WouldBlock ? false : throw new PosixException("flock", errno);
    }

    /// <summary>Gives a part of a file its place on the disk. What was never written there stays zero.</summary>
    /// <exception cref="PosixException">There is no room, or the file system cannot do that.</exception>
    public static void Allocate(SafeFileHandle file, long offset, long length) => Fallocate(file, 0, offset, length);

    /// <summary>Takes a part of a file its place on the disk; it is zero from then on.</summary>
    /// <exception cref="PosixException">The file system cannot do that, or an error.</exception>
    public static void Deallocate(SafeFileHandle file, long offset, long length) =>
        Fallocate(file, DeallocateRange | KeepSize, offset, length);

    /// <summary>Waits until what was written to the file, through mappings too, is on its disk.</summary>
    /// <exception cref="PosixException">Some of it may not be there.</exception>
    public static void SyncData(SafeFileHandle file)
    {
        if (fdatasync(file) != 0)
        {
            throw new PosixException("fdatasync", Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>Whether a file lies in memory (tmpfs): there even what is only read takes its place, through a mapping.</summary>
    /// <exception cref="PosixException">The system cannot say.</exception>
    public static unsafe bool IsInMemory(SafeFileHandle file)
    {
        Statfs result;
        return fstatfs(file, &result) == 0
            ? result.Type == MemoryFileSystem
            : throw new PosixException("fstatfs", Marshal.GetLastPInvokeError());
    }

    /// <summary>Waits until a file, what is known of it included, is on its disk.</summary>
    /// <exception cref="PosixException">Some of it may not be there.</exception>
    public static void Sync(SafeFileHandle file)
    {
        if (fsync(file) != 0)
        {
            throw new PosixException("fsync", Marshal.GetLastPInvokeError());
        }
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
        int descriptor = open(path, flags, OwnerOnly);
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new PosixException($"open {path}", Marshal.GetLastPInvokeError());
    }

    private static void Fallocate(SafeFileHandle file, int mode, long offset, long length)
    {
        // Of the calls of this room this one alone can be interrupted on a local file system.
        while (fallocate(file, mode, offset, length) != 0)
        {
            int errno = Marshal.GetLastPInvokeError();
            if (errno != PosixException.Interrupted)
            {
                throw new PosixException("fallocate", errno);
            }
        }
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
            TypeBlockDevice => FileKind.BlockDevice,
            _ => FileKind.Other,
        };
        return new FileStatus(
            kind, result.Inode, ((ulong)result.DeviceMajor << 32) | result.DeviceMinor, result.UserId, result.SizeBytes,
            result.Blocks * BlockBytes)
        {
            Mode = (UnixFileMode)(result.Mode & ~TypeMask),
            ChangedNanoseconds = result.ChangedSeconds * 1_000_000_000 + result.ChangedNanoseconds,
        };
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint realpath(string path, nint resolved);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chown(string path, uint user, uint group);

    [LibraryImport("libc")]
    private static partial void free(nint memory);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fdatasync(SafeFileHandle file);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int flock(SafeFileHandle file, int operation);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int fstatfs(SafeFileHandle file, Statfs* result);

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

        [FieldOffset(48)]
        public ulong Blocks;

        [FieldOffset(96)]
        public long ChangedSeconds;

        [FieldOffset(104)]
        public uint ChangedNanoseconds;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    /// <summary>The C library's struct statfs on 64-bit systems, with room to spare.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    internal struct Statfs
    {
        [FieldOffset(0)]
        public long Type;
    }
}
