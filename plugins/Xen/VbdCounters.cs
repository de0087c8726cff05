namespace CollectorAgent.XenPlugin;

/// <summary>What a VM has had done on one of its disks.</summary>
/// <param name="Reads">Reads; from tapdisk those that are complete.</param>
/// <param name="SectorsRead">Of 512 bytes, whatever those of the disk are.</param>
/// <param name="Tapdisk">What only tapdisk counts; null where the kernel serves the disk.</param>
internal readonly record struct VbdCounters(
    ulong Reads, ulong SectorsRead, ulong Writes, ulong SectorsWritten, TapdiskCounters? Tapdisk = null)
{
    public const int SectorBytes = 512;
}
