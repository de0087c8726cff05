namespace CollectorAgent.XenPlugin;

/// <summary>A disk that the kernel serves (blkback), in sysfs.</summary>
internal sealed class BackendDisk(VbdKey key, string devicesRoot)
{
    private readonly string _folder = Path.Combine(devicesRoot, key.ToString(), "statistics");

    /// <returns>False where the disk is not connected, or is going.</returns>
    public bool TryRead(out VbdCounters counters)
    {
        counters = default;
        if (!CounterFile.TryRead(ReadsFile, out ulong reads) || !CounterFile.TryRead(SectorsReadFile, out ulong sectorsRead)
            || !CounterFile.TryRead(WritesFile, out ulong writes) || !CounterFile.TryRead(SectorsWrittenFile, out ulong sectorsWritten))
        {
            return false;
        }
        counters = new VbdCounters(reads, sectorsRead, writes, sectorsWritten);
        return true;
    }

    private string ReadsFile => field ??= Path.Combine(_folder, "rd_req");

    private string SectorsReadFile => field ??= Path.Combine(_folder, "rd_sect");

    private string WritesFile => field ??= Path.Combine(_folder, "wr_req");

    private string SectorsWrittenFile => field ??= Path.Combine(_folder, "wr_sect");
}
