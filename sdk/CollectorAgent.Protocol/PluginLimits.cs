namespace CollectorAgent.Protocol;

/// <summary>What all processes of a plugin may use together; one that uses more is started anew.</summary>
/// <param name="CpuSecondsPerTick">Processor time between two ticks, in seconds; held against the plugin at the third tick in a row.</param>
/// <param name="MemoryBytes">Resident memory, in bytes.</param>
public sealed record PluginLimits(double CpuSecondsPerTick = 2.5, long MemoryBytes = 512L << 20);
