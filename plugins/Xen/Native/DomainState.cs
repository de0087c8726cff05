namespace CollectorAgent.XenPlugin.Native;

/// <summary>What a domain does; the hypervisor's XEN_DOMINF_* bits.</summary>
[Flags]
public enum DomainState
{
    None = 0,

    /// <summary>It is being destroyed.</summary>
    Dying = 1,

    Shutdown = 4,

    /// <summary>Its toolstack holds it.</summary>
    Paused = 8,

    Blocked = 16,

    Running = 32,
}
