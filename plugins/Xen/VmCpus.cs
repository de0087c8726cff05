using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>The CPUs of one VM: all running totals in seconds.</summary>
internal sealed class VmCpus
{
    private static readonly (string Name, string Description)[] Runstates =
    [
        ("runstate_fullrun", "Share of time in which all vCPUs ran."),
        ("runstate_full_contention", "Share of time in which all vCPUs waited for a CPU."),
        ("runstate_concurrency_hazard", "Share of time in which some vCPUs ran and others waited for a CPU."),
        ("runstate_blocked", "Share of time in which all vCPUs were blocked or offline."),
        ("runstate_partial_run", "Share of time in which some vCPUs ran and others were blocked."),
        ("runstate_partial_contention", "Share of time in which some vCPUs waited for a CPU and others were blocked."),
    ];

    private readonly Owner _owner;
    private readonly string _incarnation;
    private readonly List<ReportedSource> _cpus = [];
    private readonly ReportedSource _usage;
    private readonly ReportedSource[] _runstates;
    private readonly ReportedSource _runnable;

    private double _usageSeconds = double.NaN;
    private double _before;

    public VmCpus(Owner owner, string incarnation)
    {
        _owner = owner;
        _incarnation = incarnation;
        _usage = Source("cpu_usage", isDefault: true, "Share of time in which a vCPU ran, on average over those that are online.");
        _runstates = [.. Runstates.Select(state => Source(state.Name, isDefault: false, state.Description))];
        _runnable = Source("runnable_any", isDefault: false, "Share of time in which any vCPU waited for a CPU.");
    }

    public void Report(SampleBatch batch, Domain domain)
    {
        for (int i = 0; i < domain.Vcpus.Count; i++)
        {
            if (domain.Vcpus[i] is { } vcpu)
            {
                batch.Report(Cpu(i), Nanoseconds.ToSeconds(vcpu.CpuTimeNs));
            }
        }
        Count(Nanoseconds.ToSeconds(domain.Info.CpuTimeNs), domain.Info.OnlineVcpus);
        batch.Report(_usage, _usageSeconds);
    }

    public void ReportRunstates(SampleBatch batch, uint domainId, IHypervisor hypervisor)
    {
        Span<ulong> times = stackalloc ulong[Runstates.Length];
        if (!hypervisor.TryReadRunstates(domainId, times))
        {
            return;
        }
        for (int i = 0; i < times.Length; i++)
        {
            batch.Report(_runstates[i], Nanoseconds.ToSeconds(times[i]));
        }
        batch.Report(_runnable, Nanoseconds.ToSeconds(times[(int)Runstate.FullContention])
            + Nanoseconds.ToSeconds(times[(int)Runstate.ConcurrencyHazard]) + Nanoseconds.ToSeconds(times[(int)Runstate.PartialContention]));
    }

    /// <summary>Goes on by what was added, divided by the vCPUs that are online: the total divided by them would jump when one is plugged
    /// in or out.</summary>
    private void Count(double seconds, uint online)
    {
        if (online > 0)
        {
            _usageSeconds = double.IsNaN(_usageSeconds) ? seconds / online : _usageSeconds + (seconds - _before) / online;
        }
        _before = seconds;
    }

    private ReportedSource Cpu(int number)
    {
        for (int i = _cpus.Count; i <= number; i++)
        {
            _cpus.Add(Source(
                string.Create(CultureInfo.InvariantCulture, $"cpu{i}"),
                isDefault: true,
                string.Create(CultureInfo.InvariantCulture, $"Share of time in which vCPU {i} ran.")));
        }
        return _cpus[number];
    }

    private ReportedSource Source(string name, bool isDefault, string description) => new(name)
    {
        Owner = _owner,
        Incarnation = _incarnation,
        Type = ReportedType.Derive,
        Units = "(fraction)",
        Min = 0,
        Max = 1,
        IsDefault = isDefault,
        Description = description,
    };
}
