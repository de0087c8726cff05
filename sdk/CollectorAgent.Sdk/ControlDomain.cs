namespace CollectorAgent.Sdk;

/// <summary>Whether this is the control domain of a Xen host, dom0: the kernel there counts its own CPUs and memory, not the host's.</summary>
public static class ControlDomain
{
    /// <summary>Where xenfs says what this domain may do, below procfs.</summary>
    public const string CapabilitiesFile = "xen/capabilities";

    /// <summary>Whether this domain controls others.</summary>
    /// <param name="procRoot">Where procfs is mounted.</param>
    public static bool IsHere(string procRoot)
    {
        try
        {
            return File.ReadAllText(Path.Combine(procRoot, CapabilitiesFile)).Contains("control_d", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
