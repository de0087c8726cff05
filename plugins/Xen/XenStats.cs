using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>All statistics of the Xen host and its VMs, each behind a boundary of its own: one that fails costs its own values only.</summary>
internal sealed class XenStats
{
    /// <summary>Id of the plugin. xapi reads what VMs and host have of memory from pages whose names begin with that of the memory plugin
    /// of xcp-rrdd, and from no others.</summary>
    public const string Uid = "xcp-rrdd-squeezed-xen";

    private readonly StatsBoundary[] _boundaries;

    /// <param name="errors">Is told when statistics fail, and when they are back.</param>
    public XenStats(IHypervisor hypervisor, IXenstore xenstore, XenPaths paths, TimeProvider time, TextWriter errors)
    {
        var domains = new Domains(hypervisor);
        _boundaries =
        [
            new("domains", domains.Refresh, errors),
            new("uuids of VMs", new VmOwners(domains, xenstore).Assign, errors),
            new("CPUs", new HostCpus(hypervisor).Report, errors),
            new("load", new HostLoad(hypervisor, domains).Report, errors),
            new("memory", new HostMemory(hypervisor).Report, errors),
            new("VMs", new VmStats(hypervisor, domains).Report, errors),
            new("memory of the control domain", new ControlDomainMemory(paths.Proc, domains).Report, errors),
            new("memory in xenstore", new BalloonStats(domains, xenstore).Report, errors),
            new("interfaces of VMs", new Vifs(paths.Sys, domains).Report, errors),
            new("disks of VMs", new Vbds(paths, domains, xenstore, time).Report, errors),
        ];
    }

    public void Report(SampleBatch batch)
    {
        foreach (var boundary in _boundaries)
        {
            boundary.Report(batch);
        }
    }
}
