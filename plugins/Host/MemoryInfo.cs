using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>Memory of the host, from <c>meminfo</c>. A line that is not there is left out of the sample.</summary>
internal sealed class MemoryInfo(string procRoot)
{
    private readonly KernelFile _file = new(Path.Combine(procRoot, "meminfo"));
    private readonly ReportedSource _total = Source("memory_total_kib", "Memory the kernel can use.");
    private readonly ReportedSource _free = Source("memory_free_kib", "Memory that nothing uses.");
    private readonly ReportedSource _available = Source(
        "memory_available_kib", "Memory that new programs can have without swapping, as the kernel estimates it.");

    public void Report(SampleBatch batch)
    {
        var lines = new LineReader(_file.Read());
        int found = 0;
        while (lines.TryNext(out var line))
        {
            var key = line.Next();
            var source = key.SequenceEqual("MemTotal:"u8) ? _total
                : key.SequenceEqual("MemFree:"u8) ? _free
                : key.SequenceEqual("MemAvailable:"u8) ? _available
                : null;
            if (source is not null && line.TryNext(out ulong kib) && kib <= long.MaxValue)
            {
                batch.Report(source, (long)kib);
                found++;
            }
        }
        if (found < 3)
        {
            throw new MalformedFileException(_file.Path, "no number for MemTotal, MemFree or MemAvailable");
        }
    }

    private static ReportedSource Source(string name, string description) => new(name)
    {
        Type = ReportedType.Gauge,
        IsInteger = true,
        Units = "KiB",
        Min = 0,
        IsDefault = true,
        Description = description,
    };
}
