namespace CollectorAgent.Rrd;

/// <summary>Memory of a tile that is kept in no file.</summary>
public sealed class HeapMemory : TileMemory
{
    private readonly byte[] _bytes;

    public HeapMemory(int length) => _bytes = new byte[length];

    /// <summary>A copy of other memory.</summary>
    public HeapMemory(TileMemory other) => _bytes = other.Bytes.ToArray();

    public override Span<byte> Bytes => _bytes;

    public override TileMemory Reserve(int start, int length) => this;
}
