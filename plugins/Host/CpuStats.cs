using System.Buffers.Text;
using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.HostPlugin;

/// <summary>How busy each CPU is, from the idle times of <c>stat</c>, which lists the CPUs that are online.</summary>
internal sealed class CpuStats(string procRoot)
{
    /// <summary>The kernel's largest NR_CPUS; a number beyond it is no CPU.</summary>
    private const int MaxCpus = 8192;

    // USER_HZ, the unit of times in this file on every architecture in use.
    private const double TicksPerSecond = 100;

    private readonly KernelFile _file = new(Path.Combine(procRoot, "stat"));
    private readonly ReportedSource _average = Source("cpu_avg", "Share of time in which a CPU of the host was busy, on average.");
    private readonly List<ReportedSource> _sources = [];

    // Idle seconds at the last sample and at this one; NaN where a CPU is offline.
    private double[] _before = [];
    private double[] _now = [];
    private double _averageIdle = double.NaN;

    public void Report(SampleBatch batch)
    {
        var text = _file.Read();
        Array.Fill(_now, double.NaN);
        bool isComplete = ReadCpus(text);
        int online = 0;
        for (int i = 0; i < _now.Length; i++)
        {
            if (!double.IsNaN(_now[i]))
            {
                batch.Report(_sources[i], _now[i]);
                online++;
            }
        }
        if (online > 0)
        {
            batch.Report(_average, Average(online));
        }
        (_before, _now) = (_now, _before);
        if (!isComplete || online == 0)
        {
            throw new MalformedFileException(_file.Path, "not every CPU has a line with its idle time");
        }
    }

    /// <summary>Fills <see cref="_now"/>; false where a line is damaged.</summary>
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
            if (Utf8Parser.TryParse(key["cpu".Length..], out int cpu, out _) && cpu is >= 0 and < MaxCpus
                && line.TryNext(out ulong idle) && line.TryNext(out ulong iowait))
            {
                Expect(cpu);
                _now[cpu] = ((double)idle + iowait) / TicksPerSecond;
            }
            else
            {
                isComplete = false;
            }
        }
        return isComplete && !lines.IsCutOff;
    }

    /// <summary>The mean idle time, going on from its last value by the mean of what the CPUs that were online all the time add to it:
    /// with the idle times themselves it would jump when a CPU comes or goes.</summary>
    private double Average(int online)
    {
        if (double.IsNaN(_averageIdle))
        {
            double sum = 0;
            foreach (double idle in _now)
            {
                sum += double.IsNaN(idle) ? 0 : idle;
            }
            return _averageIdle = sum / online;
        }
        double growth = 0;
        int counted = 0;
        for (int i = 0; i < _now.Length; i++)
        {
            double added = _now[i] - _before[i];
            if (!double.IsNaN(added))
            {
                // The kernel's iowait can step back a little: that CPU was not idle.
                growth += Math.Max(0, added);
                counted++;
            }
        }
        return _averageIdle += counted == 0 ? 0 : growth / counted;
    }

    private void Expect(int cpu)
    {
        int known = _now.Length;
        if (cpu < known)
        {
            return;
        }
        Array.Resize(ref _now, cpu + 1);
        Array.Resize(ref _before, cpu + 1);
        Array.Fill(_now, double.NaN, known, cpu + 1 - known);
        Array.Fill(_before, double.NaN, known, cpu + 1 - known);
        for (int i = known; i <= cpu; i++)
        {
            _sources.Add(Source(
                string.Create(CultureInfo.InvariantCulture, $"cpu{i}"),
                string.Create(CultureInfo.InvariantCulture, $"Share of time in which CPU {i} was busy.")));
        }
    }

    private static ReportedSource Source(string name, string description) => new(name)
    {
        Type = ReportedType.Derive,
        IsInverse = true,
        Units = "(fraction)",
        Min = 0,
        Max = 1,
        IsDefault = true,
        Description = description,
    };
}
