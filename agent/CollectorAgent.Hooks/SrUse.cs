namespace CollectorAgent.Hooks;

/// <summary>How much of an SR is used, as its newest values say; NaN where that is unknown. All in bytes.</summary>
public readonly record struct SrUse(string Uuid, double Size, double PhysicalUtilisation, double VirtualAllocation);
