namespace CollectorAgent.Rrd;

/// <summary>Where the bytes of one tile lie: on the heap, or in a mapped file. Bytes that were never written are zero.</summary>
public abstract class TileMemory
{
    /// <summary>All of them. Only a part that was reserved may be written.</summary>
    public abstract Span<byte> Bytes { get; }

    /// <summary>Makes sure that a part can be written.</summary>
    /// <returns>This memory; where it has no room for that any more, another one that holds the same bytes and has.</returns>
    public abstract TileMemory Reserve(int start, int length);
}
