namespace CollectorAgent.Rrd;

/// <summary>The unfinished step of one data source, as documents carry it.</summary>
/// <param name="Previous">The last raw value: an integer, or the bits of a double; null is unknown.</param>
/// <param name="Value">GAUGE: the last value. ABSOLUTE: the count, DERIVE and COUNTER: rate times seconds, since the last step
/// ended.</param>
/// <param name="UnknownSeconds">How much of the time since then is unknown.</param>
public readonly record struct PdpScratch(long? Previous, double Value, double UnknownSeconds);
