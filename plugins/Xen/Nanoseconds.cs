namespace CollectorAgent.XenPlugin;

/// <summary>Xen's unit of time.</summary>
internal static class Nanoseconds
{
    private const double PerSecond = 1e9;

    /// <summary>Xen lets a flag of its own through in the highest bit of times.</summary>
    private const ulong Mask = long.MaxValue;

    public static double ToSeconds(ulong nanoseconds) => (nanoseconds & Mask) / PerSecond;
}
