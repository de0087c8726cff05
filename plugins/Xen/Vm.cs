using System.Globalization;
using CollectorAgent.Protocol;

namespace CollectorAgent.XenPlugin;

/// <summary>A VM and its data sources.</summary>
internal sealed class Vm
{
    /// <summary>More vCPUs than a domain can have.</summary>
    public const uint MaxVcpus = 8192;

    /// <param name="handle">The uuid of its domain, which differs while it migrates.</param>
    /// <param name="domain">The id of the domain.</param>
    public Vm(string handle, string uuid, uint domain)
    {
        Handle = handle;
        Uuid = uuid;
        Owner = new Owner(OwnerKind.Vm, uuid);
        Incarnation = domain.ToString(CultureInfo.InvariantCulture);
        Cpus = new VmCpus(Owner, Incarnation);
        Memory = new VmMemory(Owner);
    }

    public string Handle { get; }

    public string Uuid { get; }

    public Owner Owner { get; }

    /// <summary>With another domain the VM's totals begin anew.</summary>
    public string Incarnation { get; }

    public VmCpus Cpus { get; }

    public VmMemory Memory { get; }
}
