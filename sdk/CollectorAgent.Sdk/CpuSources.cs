using System.Globalization;
using CollectorAgent.Protocol;

namespace CollectorAgent.Sdk;

/// <summary>The data sources <c>cpu0</c>, <c>cpu1</c> and so on of the host, and <c>cpu_avg</c>: how busy its CPUs are, by the times in which
/// they had nothing to do.</summary>
public sealed class CpuSources
{
    /// <summary>Highest number of a CPU, and one more; a number beyond it is no CPU.</summary>
    public const int MaxCpus = 8192;

    // Of less the kernel corrects itself now and then, see proc_stat(5) on iowait: that CPU was not idle. Of more it is another count, as of a
    // CPU that was taken away and came back.
    private const double MaxStepBackSeconds = 1;

    private readonly ReportedSource _average = Source("cpu_avg", "Share of time in which a CPU of the host was busy, on average.");
    private readonly List<ReportedSource> _sources = [];

    // Idle seconds at the last sample and at this one; NaN where a CPU is offline.
    private double[] _before = [];
    private double[] _now = [];

    // What was reported, and how much more that is than the idle seconds, so that it does not step back where they do.
    private double[] _reported = [];
    private double[] _beyond = [];
    private double _averageIdle = double.NaN;

    /// <summary>Starts a sample; a CPU is offline until it is set.</summary>
    public void Begin()
    {
        (_before, _now) = (_now, _before);
        Array.Fill(_now, double.NaN);
    }

    /// <summary>Sets how long a CPU that is online has been idle.</summary>
    /// <param name="cpu">Its number, 0 to <see cref="MaxCpus"/> - 1.</param>
    /// <param name="idleSeconds">Since it started.</param>
    public void Set(int cpu, double idleSeconds)
    {
        Expect(cpu);
        _now[cpu] = idleSeconds;
    }

    /// <summary>Reports the sample.</summary>
    /// <returns>Whether there is a CPU.</returns>
    public bool Report(SampleBatch batch)
    {
        int online = 0;
        for (int i = 0; i < _now.Length; i++)
        {
            if (!double.IsNaN(_now[i]))
            {
                batch.Report(_sources[i], Steady(i));
                online++;
            }
        }
        if (online > 0)
        {
            batch.Report(_average, Average(online));
        }
        return online > 0;
    }

    /// <summary>The idle time of a CPU, without the small steps that it takes back.</summary>
    private double Steady(int cpu)
    {
        double back = _before[cpu] - _now[cpu];
        if (double.IsNaN(back) || back >= MaxStepBackSeconds)
        {
            _beyond[cpu] = 0;
            return _reported[cpu] = _now[cpu];
        }
        if (back > 0)
        {
            _beyond[cpu] = _reported[cpu] - _now[cpu];
        }
        // Not even by the last bit of its rounding may it be less.
        return _reported[cpu] = Math.Max(_reported[cpu], _now[cpu] + _beyond[cpu]);
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
            if (added > -MaxStepBackSeconds)
            {
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
        Array.Resize(ref _reported, cpu + 1);
        Array.Resize(ref _beyond, cpu + 1);
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
