namespace CollectorAgent.Store;

/// <summary>Which parts of a file are free. All parts are whole pages.</summary>
internal static class FileSpace
{
    /// <summary>Unit of all parts; the first one holds the header.</summary>
    public const int PageBytes = 4096;

    public static Extent HeaderPage { get; } = new(0, PageBytes);

    /// <summary>Where no tile lies, so that a directory has room there: what is cut off the end of a file takes only its other copy.</summary>
    public static Extent Front { get; } = new(0, 16 * PageBytes);

    public static long RoundUp(long length) => (length + PageBytes - 1) / PageBytes * PageBytes;

    /// <summary>The first free part that is long enough; behind everything where there is none.</summary>
    /// <param name="used">In any order; parts may be named more than once.</param>
    /// <param name="length">Whole pages.</param>
    public static Extent FirstFit(IEnumerable<Extent> used, long length)
    {
        foreach (var gap in Gaps(used))
        {
            if (gap.Length >= length)
            {
                return gap with { Length = length };
            }
        }
        return new Extent(used.Max(e => e.End), length);
    }

    /// <summary>What lies between the parts that are used.</summary>
    /// <inheritdoc cref="FirstFit"/>
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
