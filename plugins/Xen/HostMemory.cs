using CollectorAgent.Protocol;
using CollectorAgent.Sdk;

namespace CollectorAgent.XenPlugin;

/// <summary>Memory of the host.</summary>
internal sealed class HostMemory(IHypervisor hypervisor)
{
    /// <summary>A page of Xen.</summary>
    public const int PageKib = 4;

    private readonly ReportedSource _total = Source("memory_total_kib", "Memory of the host.");
    private readonly ReportedSource _free = Source("memory_free_kib", "Memory of the host that no domain has.");

    public void Report(SampleBatch batch)
    {
        var physical = hypervisor.ReadPhysical();
        batch.Report(_total, (long)physical.TotalPages * PageKib);
        batch.Report(_free, (long)physical.FreePages * PageKib);
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
