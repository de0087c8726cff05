using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;
using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>File calls that .NET does not offer.</summary>
public static class PosixFile
{
    private const int BlockBytes = 512;

    private static readonly mode_t OwnerOnly = LibC.S_IRUSR | LibC.S_IWUSR;
    private static readonly int OpenFlags = LibC.O_NONBLOCK | LibC.O_NOFOLLOW | LibC.O_CLOEXEC;

    /// <summary>Opens a file for reading without waiting for anything, as a FIFO would have one wait, and without following a link.</summary>
    /// <exception cref="PosixException">It cannot be opened.</exception>
    public static SafeFileHandle OpenForReading(string path) => Open(path, LibC.O_RDONLY | OpenFlags);

    /// <summary>Opens a file for reading without waiting for anything, following links.</summary>
    /// <inheritdoc cref="OpenForReading"/>
    public static SafeFileHandle OpenLinked(string path) => Open(path, LibC.O_RDONLY | LibC.O_NONBLOCK | LibC.O_CLOEXEC);

    /// <summary>Opens a file for reading and writing, likewise.</summary>
    /// <inheritdoc cref="OpenForReading"/>
    public static SafeFileHandle OpenForUpdate(string path) => Open(path, LibC.O_RDWR | OpenFlags);

    /// <summary>Opens a block device for reading and writing, likewise, that nobody else has claimed by a mount or by opening it like this;
    /// a regular file as <see cref="OpenForUpdate"/> does.</summary>
    /// <inheritdoc cref="OpenForReading"/>
    public static SafeFileHandle OpenClaimed(string path) => Open(path, LibC.O_RDWR | LibC.O_EXCL | OpenFlags);

    /// <summary>Makes a file that its owner alone can read and write.</summary>
    /// <exception cref="PosixException">It cannot be made, or there is one of that name.</exception>
    public static SafeFileHandle CreateNew(string path) =>
        Open(path, LibC.O_RDWR | LibC.O_CREAT | LibC.O_EXCL | LibC.O_NOFOLLOW | LibC.O_CLOEXEC);

    /// <exception cref="PosixException">There is no such file, or it may not be looked at.</exception>
    public static unsafe FileStatus Status(string path)
    {
        using var text = new NativeText(path, stackalloc byte[NativeText.Room]);
        statx result;
        return Status(path, LibC.statx(LibC.AT_FDCWD, text.Start, LibC.AT_SYMLINK_NOFOLLOW, LibC.STATX_BASIC_STATS, &result), result);
    }

    /// <summary>The status of a file; null if nothing has that path.</summary>
    /// <exception cref="PosixException">It may not be looked at.</exception>
    public static FileStatus? FindStatus(string path)
    {
        try
        {
            return Status(path);
        }
        catch (PosixException e) when (e.IsMissing)
        {
            return null;
        }
    }

    /// <summary>Gives a file to a group; its user stays.</summary>
    /// <exception cref="PosixException">It is not ours to give.</exception>
    public static void ChangeGroup(string path, uint group)
    {
        if (Syscall.chown(path, uint.MaxValue, group) != 0)
        {
            throw PosixException.Last($"chown {path}");
        }
    }

    /// <summary>The path of a file that is there, without links on the way.</summary>
    /// <exception cref="PosixException">There is none, or it may not be looked at.</exception>
    public static unsafe string RealPath(string path)
    {
        using var text = new NativeText(path, stackalloc byte[NativeText.Room]);
        byte* resolved = Bindings.realpath(text.Start, null);
        if (resolved is null)
        {
            throw PosixException.Last(path);
        }
        try
        {
            return Marshal.PtrToStringUTF8((nint)resolved)!;
        }
        finally
        {
            Bindings.free(resolved);
        }
    }

    /// <exception cref="PosixException">The system cannot say.</exception>
    /// <exception cref="ObjectDisposedException">The file is closed.</exception>
    public static unsafe FileStatus Status(SafeFileHandle file)
    {
        using var open = new OpenDescriptor(file);
        byte empty = 0;
        statx result;
        return Status("of an open file", LibC.statx(open.Number, &empty, LibC.AT_EMPTY_PATH, LibC.STATX_BASIC_STATS, &result), result);
    }

    /// <summary>The length of a file or of a block device, of which the status says 0.</summary>
    /// <exception cref="PosixException">It has none.</exception>
    public static long Length(SafeFileHandle file)
    {
        using var open = new OpenDescriptor(file);
        long length = LibC.lseek(open.Number, 0, LibC.SEEK_END);
        return length >= 0 ? length : throw PosixException.Last("lseek");
    }

    /// <summary>Takes the lock of an open file until it is closed, for whoever asks for the lock as well.</summary>
    /// <param name="isShared">With others that share it.</param>
    /// <returns>False if another one has it.</returns>
    /// <exception cref="PosixException">The file system cannot do that.</exception>
    public static bool TryLock(SafeFileHandle file, bool isShared)
    {
        return Bindings.flock(file, (isShared ? Bindings.LockShared : Bindings.LockExclusive) | Bindings.LockNonBlocking) == 0
            || (LibC.errno == LibC.EWOULDBLOCK ? false : throw PosixException.Last("flock"));
    }

    /// <summary>Gives a part of a file its place on the disk. What was never written there stays zero.</summary>
    /// <exception cref="PosixException">There is no room, or the file system cannot do that.</exception>
    public static void Allocate(SafeFileHandle file, long offset, long length) => Fallocate(file, 0, offset, length);

    /// <summary>Takes a part of a file its place on the disk; it is zero from then on.</summary>
    /// <exception cref="PosixException">The file system cannot do that, or an error.</exception>
    public static void Deallocate(SafeFileHandle file, long offset, long length) =>
        Fallocate(file, LibC.FALLOC_FL_PUNCH_HOLE | LibC.FALLOC_FL_KEEP_SIZE, offset, length);

    /// <summary>Waits until what was written to the file, through mappings too, is on its disk.</summary>
    /// <exception cref="PosixException">Some of it may not be there.</exception>
    public static void SyncData(SafeFileHandle file)
    {
        using var open = new OpenDescriptor(file);
        if (LibC.fdatasync(open.Number) != 0)
        {
            throw PosixException.Last("fdatasync");
        }
    }

    /// <summary>Whether a file lies in memory (tmpfs): there even what is only read takes its place, through a mapping.</summary>
    /// <exception cref="PosixException">The system cannot say.</exception>
    public static unsafe bool IsInMemory(SafeFileHandle file)
    {
        Bindings.Statfs result;
        return Bindings.fstatfs(file, &result) == 0 ? result.Type == Bindings.TmpfsMagic : throw PosixException.Last("fstatfs");
    }

    /// <summary>Waits until a file, what is known of it included, is on its disk.</summary>
    /// <exception cref="PosixException">Some of it may not be there.</exception>
    public static void Sync(SafeFileHandle file)
    {
        using var open = new OpenDescriptor(file);
        if (LibC.fsync(open.Number) != 0)
        {
            throw PosixException.Last("fsync");
        }
    }

    /// <summary>Makes the names in a folder durable.</summary>
    /// <exception cref="PosixException">The folder cannot be opened or synced.</exception>
    public static void SyncFolder(string path)
    {
        using var folder = Open(path, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_CLOEXEC);
        using var open = new OpenDescriptor(folder);
        if (LibC.fsync(open.Number) != 0)
        {
            throw PosixException.Last($"fsync {path}");
        }
    }

    private static unsafe SafeFileHandle Open(string path, int flags)
    {
        using var text = new NativeText(path, stackalloc byte[NativeText.Room]);
        int descriptor = LibC.open(text.Start, flags, OwnerOnly);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw PosixException.Last($"open {path}");
    }

    private static void Fallocate(SafeFileHandle file, int mode, long offset, long length)
    {
        using var open = new OpenDescriptor(file);
        // Of the calls of this room this one alone can be interrupted on a local file system.
        while (LibC.fallocate(open.Number, mode, offset, length) != 0)
        {
            if (LibC.errno != LibC.EINTR)
            {
                throw PosixException.Last("fallocate");
            }
        }
    }

    private static FileStatus Status(string what, int returned, in statx result)
    {
        if (returned != 0)
        {
            throw PosixException.Last($"statx {what}");
        }
        mode_t mode = result.stx_mode;
        var type = mode & LibC.S_IFMT;
        var kind = type == LibC.S_IFREG ? FileKind.RegularFile
            : type == LibC.S_IFDIR ? FileKind.Folder
            : type == LibC.S_IFLNK ? FileKind.SymbolicLink
            : type == LibC.S_IFBLK ? FileKind.BlockDevice
            : FileKind.Other;
        return new FileStatus(
            kind, result.stx_ino, ((ulong)result.stx_dev_major << 32) | result.stx_dev_minor, result.stx_uid, result.stx_size,
            result.stx_blocks * BlockBytes)
        {
            Mode = (UnixFileMode)(uint)(mode & ~LibC.S_IFMT),
            ChangedNanoseconds = result.stx_ctime.tv_sec * 1_000_000_000 + result.stx_ctime.tv_nsec,
        };
    }
}
