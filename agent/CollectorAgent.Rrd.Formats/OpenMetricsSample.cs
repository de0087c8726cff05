namespace CollectorAgent.Rrd.Formats;

/// <summary>The newest value of one data source.</summary>
/// <param name="Owner"><c>host</c>, <c>vm</c> or <c>sr</c>.</param>
/// <param name="Uuid">Which of them.</param>
/// <param name="Name">The data source's.</param>
/// <param name="Units">As its plugin names them; empty where it does not.</param>
/// <param name="Description">One sentence; may be empty.</param>
/// <param name="Value">NaN is unknown.</param>
public sealed record OpenMetricsSample(string Owner, string Uuid, string Name, string Units, string Description, double Value);
