using CollectorAgent.Native;
using CollectorAgent.XenPlugin.Native;

namespace CollectorAgent.XenPlugin;

/// <summary>What the hypervisor is asked for. Every call can throw a <see cref="PosixException"/>: the hypervisor refuses.</summary>
internal interface IHypervisor
{
    /// <summary>Whether <see cref="TryReadRunstates"/> can succeed.</summary>
    bool HasRunstates { get; }

    PhysicalInfo ReadPhysical();

    /// <summary>The time each CPU has been idle, in nanoseconds, by its number; 0 where it is offline.</summary>
    /// <returns>Valid until the next call.</returns>
    ReadOnlySpan<ulong> ReadIdleTimes();

    /// <summary>Replaces the content of a list by all domains, by number.</summary>
    void ReadDomains(List<DomainInfo> domains);

    /// <returns>False where there is no such vCPU, or no such domain any more.</returns>
    bool TryReadVcpu(uint domain, uint number, out VcpuInfo vcpu);

    /// <summary>How long, in nanoseconds, the vCPUs of a domain have been in each of the states of <see cref="Runstate"/>.</summary>
    /// <returns>False where there is no such domain any more.</returns>
    bool TryReadRunstates(uint domain, Span<ulong> times);
}
