namespace CollectorAgent.Store;

/// <summary>A part of a file, in bytes.</summary>
internal readonly record struct Extent(long Start, long Length)
{
    public long End => Start + Length;
}
