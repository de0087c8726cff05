namespace CollectorAgent.XenPlugin.Native;

/// <summary>A domain as the hypervisor lists it.</summary>
/// <param name="Id">Its number until it is destroyed.</param>
/// <param name="State">What it does.</param>
/// <param name="TotalPages">Memory it has, in pages of 4 KiB.</param>
/// <param name="CpuTimeNs">Time its vCPUs have run, together.</param>
/// <param name="OnlineVcpus">vCPUs that are not unplugged.</param>
/// <param name="MaxVcpuId">Highest number of a vCPU; <see cref="NoVcpu"/> where it has none.</param>
/// <param name="Handle">The uuid that its toolstack gave it.</param>
public readonly record struct DomainInfo(
    uint Id, DomainState State, ulong TotalPages, ulong CpuTimeNs, uint OnlineVcpus, uint MaxVcpuId, Guid Handle)
{
    /// <summary>Said in place of the number of a vCPU.</summary>
    public const uint NoVcpu = uint.MaxValue;

    public bool IsDying => State.HasFlag(DomainState.Dying);

    public bool IsPaused => State.HasFlag(DomainState.Paused);
}
