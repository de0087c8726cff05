namespace CollectorAgent.Hooks;

/// <summary>What a toolstack has said once.</summary>
public sealed record ToldValues
{
    /// <summary>New RRDs of VMs and SRs keep minima and maxima as well.</summary>
    public bool UseMinMax { get; init; }

    /// <summary>Uuid of the SR that caches disks of VMs; null where there is none.</summary>
    public string? CacheSr { get; init; }
}
