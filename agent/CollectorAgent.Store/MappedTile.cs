using System.Buffers.Binary;
using CollectorAgent.Native;
using CollectorAgent.Rrd;

namespace CollectorAgent.Store;

/// <summary>Memory of a tile that lies in the file of its owner.</summary>
/// <remarks>Only chunks that are known to have their place on the disk are written: a page without one kills whoever writes it.</remarks>
internal sealed class MappedTile : TileMemory
{
    /// <summary>The tag stands in front of the tile.</summary>
    public const int TagBytes = 64;

    private const int ChunkShift = 14;
    private const int WordShift = 6;

    private readonly OwnerSpace _space;
    private readonly MappedMemory _memory;
    private readonly int _length;
    private readonly ulong[] _allocated;

    /// <param name="space">Asked where a chunk has no place yet.</param>
    /// <param name="memory">The extent, mapped.</param>
    /// <param name="length">Bytes of the tile.</param>
    public MappedTile(OwnerSpace space, MappedMemory memory, Extent extent, int length)
    {
        _space = space;
        _memory = memory;
        _length = length;
        Extent = extent;
        _allocated = new ulong[(extent.Length >> (ChunkShift + WordShift)) + 1];
    }

    public Extent Extent { get; }

    public long Tag
    {
        get => BinaryPrimitives.ReadInt64LittleEndian(_memory.Bytes);
        set => BinaryPrimitives.WriteInt64LittleEndian(_memory.Bytes, value);
    }

    /// <summary>Something was written that may not be on disk yet.</summary>
    public bool IsDirty { get; set; }

    public override Span<byte> Bytes => _memory.Bytes.Slice(TagBytes, _length);

    public override TileMemory Reserve(int start, int length)
    {
        IsDirty = true;
        return HasPlace(start, length) ? this : _space.Reserve(this, start, length);
    }

    /// <summary>Whether a part of the tile is known to have its place on the disk.</summary>
    public bool HasPlace(int start, int length)
    {
        int last = ChunkOf(start + length - 1);
        for (int chunk = ChunkOf(start); chunk <= last; chunk++)
        {
            if (!IsAllocated(chunk))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Which part of the file the chunks are that a part of the tile lies in.</summary>
    public Extent Chunks(int start, int length)
    {
        long from = (long)ChunkOf(start) << ChunkShift;
        long to = Math.Min((ChunkOf(start + length - 1) + 1L) << ChunkShift, Extent.Length);
        return new Extent(Extent.Start + from, to - from);
    }

    /// <summary>What some chunks hold, with the tag where it is among them.</summary>
    public ReadOnlySpan<byte> Content(Extent chunks) => _memory.Bytes.Slice((int)(chunks.Start - Extent.Start), (int)chunks.Length);

    /// <summary>The chunks of a part of the tile have their place from now on.</summary>
    public void NoteAllocated(int start, int length)
    {
        for (int chunk = ChunkOf(start); chunk <= ChunkOf(start + length - 1); chunk++)
        {
            _allocated[chunk >> WordShift] |= 1UL << chunk;
        }
    }

    public void NoteAllAllocated() => _allocated.AsSpan().Fill(ulong.MaxValue);

    /// <summary>Makes all that this process has written wait for the disk once more: after an error the kernel takes it for written.</summary>
    public void WriteAgain()
    {
        var bytes = _memory.Bytes;
        for (int page = 0; page < bytes.Length; page += FileSpace.PageBytes)
        {
            if (IsAllocated(page >> ChunkShift))
            {
                Volatile.Write(ref bytes[page], Volatile.Read(ref bytes[page]));
            }
        }
        IsDirty = true;
    }

    /// <summary>No tile lies here any more.</summary>
    public void Unmap() => _memory.Dispose();

    private bool IsAllocated(int chunk) => (_allocated[chunk >> WordShift] & (1UL << chunk)) != 0;

    // The tag lies in the first chunk too.
    private static int ChunkOf(int position) => (TagBytes + position) >> ChunkShift;
}
