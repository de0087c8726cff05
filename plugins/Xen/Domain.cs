using CollectorAgent.XenPlugin.Native;

namespace CollectorAgent.XenPlugin;

/// <summary>A domain at the last sample.</summary>
internal sealed class Domain(DomainKey key)
{
    /// <summary>The control domain, in which this runs.</summary>
    public const uint ControlDomainId = 0;

    private readonly List<VcpuInfo?> _vcpus = [];
    private bool _wasRead;

    public uint Id => key.Id;

    public Guid Handle => key.Handle;

    /// <summary>It was not there at the sample before the last one.</summary>
    public bool IsNew { get; private set; }

    public DomainInfo Info { get; private set; }

    /// <summary>Its vCPUs by number; null where there is none.</summary>
    public IReadOnlyList<VcpuInfo?> Vcpus => _vcpus;

    /// <summary>The VM whose domain this is; null where it is none, or is not known to be one.</summary>
    public Vm? Vm { get; set; }

    /// <summary>Whether the VM's values are those of this domain.</summary>
    public bool IsReported { get; set; }

    /// <summary>Takes what the hypervisor says now.</summary>
    public void Read(DomainInfo info, IHypervisor hypervisor)
    {
        Info = info;
        IsNew = !_wasRead;
        _wasRead = true;
        IsReported = false;
        _vcpus.Clear();
        if (info.MaxVcpuId == DomainInfo.NoVcpu)
        {
            return;
        }
        for (uint i = 0; i <= Math.Min(info.MaxVcpuId, Vm.MaxVcpus - 1); i++)
        {
            _vcpus.Add(hypervisor.TryReadVcpu(Id, i, out var vcpu) ? vcpu : null);
        }
    }
}
