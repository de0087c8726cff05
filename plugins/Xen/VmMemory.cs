using CollectorAgent.Protocol;

namespace CollectorAgent.XenPlugin;

/// <summary>The data sources of one VM's memory.</summary>
internal sealed class VmMemory(Owner owner)
{
    public ReportedSource Actual { get; } = Source(owner, "memory", "B", "Memory that the VM has.");

    public ReportedSource Target { get; } = Source(owner, "memory_target", "B", "Memory that the VM is to have.");

    public ReportedSource InternalFree { get; } = Source(
        owner, "memory_internal_free", "KiB", "Memory that is free inside of the VM, as its kernel or its agent says.");

    private static ReportedSource Source(Owner owner, string name, string units, string description) => new(name)
    {
        Owner = owner,
        Type = ReportedType.Gauge,
        IsInteger = true,
        Units = units,
        Min = 0,
        IsDefault = true,
        Description = description,
    };
}
