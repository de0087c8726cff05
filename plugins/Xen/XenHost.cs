using CollectorAgent.Sdk;
using CollectorAgent.XenPlugin.Native;

namespace CollectorAgent.XenPlugin;

/// <summary>Whether there is a Xen here to measure.</summary>
internal static class XenHost
{
    private static readonly string[] CommandDevices = ["/dev/xen/privcmd", "/proc/xen/privcmd"];

    /// <exception cref="XenUnavailableException">There is none; the message is one sentence that says what is missing.</exception>
    public static XenControl Open(string procRoot)
    {
        if (!ControlDomain.IsHere(procRoot))
        {
            string file = Path.Combine(procRoot, ControlDomain.CapabilitiesFile);
            throw new XenUnavailableException($"this is not the control domain of a Xen host: {file} does not say control_d");
        }
        if (!CommandDevices.Any(File.Exists))
        {
            throw new XenUnavailableException($"the hypervisor cannot be reached: there is no {CommandDevices[0]}");
        }
        return XenControl.Open();
    }
}
