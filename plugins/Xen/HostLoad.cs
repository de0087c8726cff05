using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>How many domains and vCPUs the CPUs of the host have to serve.</summary>
internal sealed class HostLoad(IHypervisor hypervisor, Domains domains)
{
    private readonly ReportedSource _load = Source("hostload", "(fraction)", "vCPUs that run or wait for a CPU, for each CPU of the host.");

    private readonly ReportedSource _vcpus =
        Source("running_vcpus", "count", "vCPUs that run or wait for a CPU.") with { IsInteger = true };

    private readonly ReportedSource _domains = Source("running_domains", "count", "Domains that are not paused.") with { IsInteger = true };

    public void Report(SampleBatch batch)
    {
        if (domains.Count == 0)
        {
            return;     // The control domain is always there: the list could not be read.
        }
        int running = 0, vcpus = 0;
        for (int i = 0; i < domains.Count; i++)
        {
            if (!domains[i].Info.IsPaused)
            {
                running++;
                vcpus += RunnableVcpus(domains[i]);
            }
        }
        batch.Report(_vcpus, vcpus);
        batch.Report(_domains, running);
        batch.Report(_load, (double)vcpus / hypervisor.ReadPhysical().OnlineCpus);
    }

    private static int RunnableVcpus(Domain domain)
    {
        int runnable = 0;
        for (int i = 0; i < domain.Vcpus.Count; i++)
        {
            runnable += domain.Vcpus[i] is { IsOnline: true, IsBlocked: false } ? 1 : 0;
        }
        return runnable;
    }

    private static ReportedSource Source(string name, string units, string description) => new(name)
    {
        Type = ReportedType.Gauge,
        Units = units,
        Min = 0,
        IsDefault = true,
        Description = description,
    };
}
