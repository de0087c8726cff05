namespace CollectorAgent.Rrd;

/// <summary>The unfinished row of one data source in one RRA, as documents carry it (<c>cdp_prep</c>).</summary>
/// <param name="Value">AVERAGE: the sum of the known PDPs over the PDPs of a row that are not unknown so far. Otherwise the
/// minimum, maximum or last of the known PDPs, NaN where there is none.</param>
/// <param name="UnknownPdps">Unknown PDPs so far.</param>
public readonly record struct CdpScratch(double Value, long UnknownPdps);
