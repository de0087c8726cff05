using CollectorAgent.Native;
using CollectorAgent.Rrd;

namespace CollectorAgent.Store;

/// <summary>Memory of a tile that has no room in a file: pages that exist only where they are written.</summary>
internal sealed class UnfiledTile : TileMemory, IDisposable
{
    private readonly MappedMemory _memory;

    private UnfiledTile(int length) => _memory = MappedMemory.Anonymous(length);

    public override Span<byte> Bytes => _memory.Bytes;

    /// <summary>Memory that is all zero; on the heap where the process has as many mappings as it may.</summary>
    public static TileMemory Allocate(int length)
    {
        try
        {
            return new UnfiledTile(length);
        }
        catch (PosixException e) when (e.Errno == PosixException.NoMemory)
        {
            return new HeapMemory(length);
        }
    }

    /// <summary>Copies what is not zero: the rest takes no memory.</summary>
    public static void Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        for (int start = 0; start < from.Length; start += FileSpace.PageBytes)
        {
            var page = from.Slice(start, Math.Min(FileSpace.PageBytes, from.Length - start));
            if (page.ContainsAnyExcept((byte)0))
            {
                page.CopyTo(to[start..]);
            }
        }
    }

    public override TileMemory Reserve(int start, int length) => this;

    public void Dispose() => _memory.Dispose();
}
