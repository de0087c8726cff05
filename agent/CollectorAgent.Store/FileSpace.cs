namespace CollectorAgent.Store;

/// <summary>Which parts of a file are free. All parts are whole pages.</summary>
internal static class FileSpace
{
    /// <summary>Unit of all parts; the first one holds the header.</summary>
    public const int PageBytes = 4096;

    public static Extent HeaderPage { get; } = new(0, PageBytes);

    /// <summary>Where no tile lies, so that a directory has room there: what is cut off the end of a file takes only its other copy.</summary>
    public static Extent Front { get; } = new(0, 16 * PageBytes);

    private static readonly Comparer<Extent> ByStart = Comparer<Extent>.Create((a, b) => a.Start.CompareTo(b.Start));

    public static long RoundUp(long length) => (length + PageBytes - 1) / PageBytes * PageBytes;

    /// <summary>The first free part that is long enough; behind everything where there is none.</summary>
    /// <param name="used">By their starts; parts may be named more than once.</param>
    /// <param name="length">Whole pages.</param>
    public static Extent FirstFit(List<Extent> used, long length)
    {
        long end = 0;
        foreach (var extent in used)
        {
            if (extent.Start - end >= length)
            {
                break;
            }
            end = Math.Max(end, extent.End);
        }
        return new Extent(end, length);
    }

    /// <summary>Adds a part to those that are used, which stand by their starts.</summary>
    public static void Insert(List<Extent> used, Extent extent)
    {
        int place = used.BinarySearch(extent, ByStart);
        used.Insert(place < 0 ? ~place : place, extent);
    }

    /// <summary>What lies between the parts that are used.</summary>
    /// <param name="used">In any order; parts may be named more than once.</param>
    public static IEnumerable<Extent> Gaps(IEnumerable<Extent> used)
    {
        long end = 0;
        foreach (var extent in used.OrderBy(e => e.Start))
        {
            if (extent.Start > end)
            {
                yield return new Extent(end, extent.Start - end);
            }
            end = Math.Max(end, extent.End);
        }
    }
}
