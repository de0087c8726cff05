namespace CollectorAgent.Rrd.Formats;

/// <summary>Which rows a reader wants.</summary>
/// <param name="Start">Unix seconds; negative: that long before the newest row.</param>
/// <param name="IntervalSeconds">Smallest spacing of rows.</param>
/// <param name="Function">Null: all.</param>
public readonly record struct XportQuery(long Start, long IntervalSeconds = 0, ConsolidationFunction? Function = null);
