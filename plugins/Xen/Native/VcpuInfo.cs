namespace CollectorAgent.XenPlugin.Native;

/// <summary>A virtual CPU.</summary>
/// <param name="IsOnline">It is not unplugged.</param>
/// <param name="IsBlocked">It waits for an event.</param>
/// <param name="CpuTimeNs">Time it has run.</param>
public readonly record struct VcpuInfo(bool IsOnline, bool IsBlocked, ulong CpuTimeNs);
