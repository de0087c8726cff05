using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>What the hypervisor says about each VM. Paused ones count: what they have, they have.</summary>
internal sealed class VmStats(IHypervisor hypervisor, Domains domains)
{
    private const long PageBytes = HostMemory.PageKib * 1024;

    public void Report(SampleBatch batch)
    {
        for (int i = 0; i < domains.Count; i++)
        {
            var domain = domains[i];
            if (domain is { Vm: { } vm, IsReported: true })
            {
                vm.Cpus.Report(batch, domain);
                if (hypervisor.HasRunstates)
                {
                    vm.Cpus.ReportRunstates(batch, domain.Id, hypervisor);
                }
                batch.Report(vm.Memory.Actual, (long)domain.Info.TotalPages * PageBytes);
            }
        }
    }
}
