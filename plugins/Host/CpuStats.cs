using System.Buffers.Text;
using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>How busy each CPU is, from the idle times of <c>stat</c>, which lists the CPUs that are online.</summary>
internal sealed class CpuStats(string procRoot)
{
    // USER_HZ, the unit of times in this file on every architecture in use.
    private const double TicksPerSecond = 100;

    private readonly KernelFile _file = new(Path.Combine(procRoot, "stat"));
    private readonly CpuSources _cpus = new();

    public void Report(SampleBatch batch)
    {
        var text = _file.Read();
        _cpus.Begin();
        bool isComplete = ReadCpus(text);
        if (!_cpus.Report(batch) || !isComplete)
        {
            throw new MalformedFileException(_file.Path, "not every CPU has a line with its idle time");
        }
    }

    /// <summary>Sets each CPU that has a line; false where one is damaged.</summary>
    private bool ReadCpus(ReadOnlySpan<byte> text)
    {
        bool isComplete = true;
        var lines = new LineReader(text);
        while (lines.TryNext(out var line))
        {
            var key = line.Next();
            if (!key.StartsWith("cpu"u8) || key.Length == "cpu".Length)
            {
                continue;
            }
            line.Skip(3);   // user, nice, system
            if (Utf8Parser.TryParse(key["cpu".Length..], out int cpu, out _) && cpu is >= 0 and < CpuSources.MaxCpus
                && line.TryNext(out ulong idle) && line.TryNext(out ulong iowait))
            {
                _cpus.Set(cpu, ((double)idle + iowait) / TicksPerSecond);
            }
            else
            {
                isComplete = false;
            }
        }
        return isComplete && !lines.IsCutOff;
    }
}
