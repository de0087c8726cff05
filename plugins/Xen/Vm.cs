using CollectorAgent.Protocol;

namespace CollectorAgent.XenPlugin;

/// <summary>A VM and its data sources.</summary>
internal sealed class Vm
{
    /// <summary>More vCPUs than a domain can have.</summary>
    public const uint MaxVcpus = 8192;

    /// <param name="handle">The uuid of its domain, which differs while it migrates.</param>
    public Vm(string handle, string uuid)
    {
        Handle = handle;
        Uuid = uuid;
        Owner = new Owner(OwnerKind.Vm, uuid);
        Cpus = new VmCpus(Owner);
        Memory = new VmMemory(Owner);
    }

    public string Handle { get; }

    public string Uuid { get; }

    public Owner Owner { get; }

    public VmCpus Cpus { get; }

    public VmMemory Memory { get; }
}
