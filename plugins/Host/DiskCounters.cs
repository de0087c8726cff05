using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>Counters of a line of <c>diskstats</c>.</summary>
/// <param name="ReadMs">Time that completed reads took; 32 bits wide in the kernel, like the other times.</param>
/// <param name="InFlight">Requests that have been submitted and not completed.</param>
/// <param name="QueueMs">Time that requests were in flight, each counted for itself.</param>
internal readonly record struct DiskCounters(
    ulong Reads, ulong SectorsRead, uint ReadMs, ulong Writes, ulong SectorsWritten, uint WriteMs, long InFlight, uint QueueMs)
{
    /// <summary>Sectors of these counters, whatever those of the disk are.</summary>
    public const int SectorBytes = 512;

    /// <summary>Reads what follows the name.</summary>
    public static bool TryRead(FieldReader fields, out DiskCounters counters)
    {
        Span<ulong> numbers = stackalloc ulong[11];
        counters = default;
        foreach (ref ulong number in numbers)
        {
            if (!fields.TryNext(out number))
            {
                return false;
            }
        }
        // Not used: merged reads (1), merged writes (5), time with requests in flight (9).
        counters = new DiskCounters(
            numbers[0], numbers[2], unchecked((uint)numbers[3]), numbers[4], numbers[6], unchecked((uint)numbers[7]),
            unchecked((long)numbers[8]), unchecked((uint)numbers[10]));
        return true;
    }
}
