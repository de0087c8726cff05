namespace CollectorAgent.XenPlugin;

/// <summary>How a device carries what a VM sends and receives.</summary>
internal enum NetDeviceKind
{
    /// <summary>For the VM's own driver: vif3.0.</summary>
    Vif,

    /// <summary>Emulated, as XenServer names it: tap3.0.</summary>
    Tap,

    /// <summary>Emulated, as Xen's own toolstack names it: vif3.0-emu.</summary>
    Emulated,
}
