namespace CollectorAgent.HostPlugin;

/// <summary>What an interface is to the host.</summary>
internal enum NetworkInterfaceKind
{
    /// <summary>Its traffic is no traffic of the host, or is counted at another interface.</summary>
    Other,

    /// <summary>Has a device of a bus behind it.</summary>
    Device,

    /// <summary>Bundles others, at which its traffic is counted a second time.</summary>
    Bond,

    /// <summary>Has no device, but its other end may be outside: the uplink of a container.</summary>
    Deviceless,
}
