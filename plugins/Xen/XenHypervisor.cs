using CollectorAgent.Sdk;
using CollectorAgent.XenPlugin.Native;

namespace CollectorAgent.XenPlugin;

/// <summary>The hypervisor of this host.</summary>
internal sealed class XenHypervisor(XenControl control) : IHypervisor
{
    private const int FirstCpus = 64;

    /// <summary>Numbers from here on are no domains (DOMID_FIRST_RESERVED).</summary>
    private const uint FirstReservedDomain = 0x7ff0;

    private ulong[] _idleTimes = new ulong[FirstCpus];

    public bool HasRunstates => control.HasRunstates;

    public PhysicalInfo ReadPhysical() => control.PhysicalInfo();

    public ReadOnlySpan<ulong> ReadIdleTimes()
    {
        int count;
        while ((count = control.CpuIdleTimes(_idleTimes)) == _idleTimes.Length && count < CpuSources.MaxCpus)
        {
            // There may be more than fit.
            _idleTimes = new ulong[2 * count];
        }
        return _idleTimes.AsSpan(0, count);
    }

    public void ReadDomains(List<DomainInfo> domains)
    {
        domains.Clear();
        uint next = 0;
        while (next < FirstReservedDomain && control.TryNextDomain(next, out var domain) && domain.Id >= next)
        {
            domains.Add(domain);
            next = domain.Id + 1;
        }
    }

    public bool TryReadVcpu(uint domain, uint number, out VcpuInfo vcpu) => control.TryVcpu(domain, number, out vcpu);

    public bool TryReadRunstates(uint domain, Span<ulong> times) => control.TryRunstates(domain, times);
}
