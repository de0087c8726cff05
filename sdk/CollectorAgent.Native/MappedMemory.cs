using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace CollectorAgent.Native;

/// <summary>Memory that the kernel maps: a part of a file, shared with whoever else maps or reads it, or pages that belong to no file.</summary>
/// <remarks>
/// Whoever touches a page of a file that has no room on its disk, or lies behind the end of the file, is killed by a signal: allocate
/// first. It is not unmapped by the garbage collector, because spans of it do not keep it alive: dispose of it.
/// </remarks>
public sealed unsafe class MappedMemory : IDisposable
{
    private readonly int _length;
    private void* _start;

    private MappedMemory(int length, int flags, int file, long offset)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        void* start = LibC.mmap(null, length, LibC.PROT_READ | LibC.PROT_WRITE, flags, file, offset);
        if (start == LibC.MAP_FAILED)
        {
            throw PosixException.Last($"mmap of {length} bytes");
        }
        _start = start;
        _length = length;
    }

    /// <exception cref="ObjectDisposedException">It is unmapped.</exception>
    public Span<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return new Span<byte>(_start, _length);
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
        using var open = new OpenDescriptor(file);
        var memory = new MappedMemory(length, LibC.MAP_SHARED, open.Number, offset);
        // A hint: without it all pages around a touched one are brought into memory, holes too.
        _ = LibC.madvise(memory._start, length, LibC.MADV_RANDOM);
        return memory;
    }

    /// <summary>Maps pages of no file: all zero, and there only once they are written.</summary>
    /// <param name="length">In bytes.</param>
    /// <exception cref="PosixException">There is no room.</exception>
    public static MappedMemory Anonymous(int length) => new(length, LibC.MAP_PRIVATE | LibC.MAP_ANONYMOUS, file: -1, offset: 0);

    /// <summary>Unmaps it. Nobody may have a span of it any more.</summary>
    public void Dispose()
    {
        if (_start is not null && LibC.munmap(_start, _length) != 0)
        {
            throw PosixException.Last("munmap");
        }
        _start = null;
    }
}
