namespace CollectorAgent.XenPlugin;

/// <summary>Where the control domain's own statistics are.</summary>
/// <param name="Proc">Where procfs is mounted.</param>
/// <param name="Sys">Where sysfs is mounted.</param>
/// <param name="SharedMemory">Where tapdisks have their pages.</param>
internal sealed record XenPaths(string Proc, string Sys, string SharedMemory);
