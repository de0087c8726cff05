namespace CollectorAgent.Protocol;

/// <summary>What a raw value on a page means.</summary>
public enum ReportedType
{
    /// <summary>The value itself.</summary>
    Gauge,

    /// <summary>A count since the last sample; kept per second.</summary>
    Absolute,

    /// <summary>A running total; its change is kept per second.</summary>
    Derive,

    /// <summary>A running total that only grows and wraps at 32 or 64 bits. An addition of this agent: older ones refuse it.</summary>
    Counter,
}
