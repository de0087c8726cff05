namespace CollectorAgent.Rrd;

/// <summary>What a raw value of a data source means.</summary>
public enum DataSourceType
{
    /// <summary>The value itself, taken as it comes: it is not weighted over the step.</summary>
    Gauge,

    /// <summary>A count since the last reading; stored per second.</summary>
    Absolute,

    /// <summary>A counter that may go either way; its difference is stored per second.</summary>
    Derive,

    /// <summary>A counter that only grows, and wraps at 32 or 64 bits; its difference is stored per second.</summary>
    Counter,
}
