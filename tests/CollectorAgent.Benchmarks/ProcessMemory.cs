using System.Globalization;

namespace CollectorAgent.Benchmarks;

/// <summary>What a process holds in memory, by its status file. See proc_pid_status(5).</summary>
/// <param name="Anonymous">Bytes that belong to it alone: without swap they cannot be reclaimed.</param>
/// <param name="Mapped">Bytes of files that it has mapped: the system writes them back and takes them where it needs room.</param>
internal readonly record struct ProcessMemory(long Anonymous, long Mapped)
{
    public long Resident => Anonymous + Mapped;

    public static ProcessMemory Of(string process)
    {
        string[] lines = File.ReadAllLines($"/proc/{process}/status");
        return new ProcessMemory(Bytes(lines, "RssAnon:"), Bytes(lines, "RssFile:"));
    }

    /// <summary>Resident bytes of a process, those it shares with others divided among them. See proc_pid_smaps(5).</summary>
    public static long Proportional(string process) => Bytes(File.ReadAllLines($"/proc/{process}/smaps_rollup"), "Pss:");

    /// <summary>Of this process, with nothing on its heap that is not in use.</summary>
    public static ProcessMemory AfterCollection()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Of("self");
    }

    private static long Bytes(string[] lines, string key) =>
        long.Parse(lines.Single(l => l.StartsWith(key, StringComparison.Ordinal)).AsSpan(key.Length).TrimEnd("kB"), CultureInfo.InvariantCulture) << 10;
}
