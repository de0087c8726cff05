namespace CollectorAgent.XenPlugin.Native;

/// <summary>The machine as the hypervisor has it.</summary>
/// <param name="OnlineCpus">CPUs that run.</param>
/// <param name="TotalPages">Memory, in pages of 4 KiB.</param>
/// <param name="FreePages">What of it no domain has.</param>
public readonly record struct PhysicalInfo(int OnlineCpus, ulong TotalPages, ulong FreePages);
