namespace CollectorAgent.Rrd;

/// <summary>Gives the tiles of one RRD their memory, and is told when they change.</summary>
public abstract class TileSpace
{
    /// <summary>For an RRD that is kept in no file.</summary>
    public static TileSpace Heap { get; } = new HeapSpace();

    /// <summary>Memory for a tile that is about to be made; all of it is zero.</summary>
    public abstract TileMemory Allocate(int length);

    /// <summary>The RRD consists of these tiles from now on. What others had can be given away.</summary>
    public abstract void Commit(RoundRobinDatabase rrd);

    private sealed class HeapSpace : TileSpace
    {
        public override TileMemory Allocate(int length) => new HeapMemory(length);

        public override void Commit(RoundRobinDatabase rrd)
        {
            // Nothing outlives the process.
        }
    }
}
