using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CollectorAgent.Native;

/// <summary>Memory that the kernel maps: a part of a file, shared with whoever else maps or reads it, or pages that belong to no file.</summary>
/// <remarks>
/// Whoever touches a page of a file that has no room on its disk, or lies behind the end of the file, is killed by a signal: allocate
/// first. It is not unmapped by the garbage collector, because spans of it do not keep it alive: dispose of it.
/// </remarks>
public sealed unsafe partial class MappedMemory : IDisposable
{
    private const int ProtectRead = 1;
    private const int ProtectWrite = 2;
    private const int MapShared = 1;
    private const int MapPrivate = 2;
    private const int MapAnonymous = 0x20;

    private const int RandomAccess = 1;

    private static readonly nint Failed = -1;

    private readonly int _length;
    private nint _start;

    private MappedMemory(nint start, int length)
    {
        if (start == Failed)
        {
            throw new PosixException($"mmap of {length} bytes", Marshal.GetLastPInvokeError());
        }
        _start = start;
        _length = length;
    }

    /// <exception cref="ObjectDisposedException">It is unmapped.</exception>
    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start == 0, this);
            return new Span<byte>((void*)_start, _length);
        }
    }

    /// <summary>Maps a part of a file, which may be closed afterwards. A page is read when it is touched, and none with it that is not.</summary>
    /// <param name="file">Open for reading and writing.</param>
    /// <param name="offset">A multiple of the page size.</param>
    /// <param name="length">In bytes.</param>
    /// <exception cref="PosixException">It cannot be mapped; <see cref="PosixException.NoMemory"/> also where a process has as many
    /// mappings as it may.</exception>
    public static MappedMemory Map(SafeFileHandle file, long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var memory = new MappedMemory(mmap(0, (nuint)length, ProtectRead | ProtectWrite, MapShared, file, offset), length);
        // A hint: without it all pages around a touched one are brought into memory, holes too.
        _ = madvise(memory._start, (nuint)length, RandomAccess);
        return memory;
    }

    /// <summary>Maps pages of no file: all zero, and there only once they are written.</summary>
    /// <param name="length">In bytes.</param>
    /// <exception cref="PosixException">There is no room.</exception>
    public static MappedMemory Anonymous(int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        return new MappedMemory(mmap(0, (nuint)length, ProtectRead | ProtectWrite, MapPrivate | MapAnonymous, -1, 0), length);
    }

    /// <summary>Unmaps it. Nobody may have a span of it any more.</summary>
    public void Dispose()
    {
        if (_start != 0 && munmap(_start, (nuint)_length) != 0)
        {
            throw new PosixException("munmap", Marshal.GetLastPInvokeError());
        }
        _start = 0;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, SafeFileHandle file, long offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc")]
    private static partial int madvise(nint address, nuint length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint address, nuint length);
}
