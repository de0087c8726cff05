namespace CollectorAgent.XenPlugin;

/// <summary>What the vCPUs of a domain do together, as XenServer's hypervisor counts it.</summary>
internal enum Runstate
{
    /// <summary>All run.</summary>
    FullRun,

    /// <summary>All wait for a CPU.</summary>
    FullContention,

    /// <summary>Some run, others wait for a CPU.</summary>
    ConcurrencyHazard,

    /// <summary>All are blocked or offline.</summary>
    Blocked,

    /// <summary>Some run, others are blocked.</summary>
    PartialRun,

    /// <summary>Some wait for a CPU, others are blocked.</summary>
    PartialContention,
}
