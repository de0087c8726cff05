namespace CollectorAgent.Rrd;

/// <summary>Shape of one ring of consolidated values.</summary>
/// <param name="Function">How PDPs become a CDP.</param>
/// <param name="PdpPerCdp">PDPs that one row covers, from 1.</param>
/// <param name="Rows">Length of the ring, from 1.</param>
/// <param name="Xff">Largest unknown share, 0 to 1, for a CDP still to be known. A row without any known PDP is
/// unknown whatever it says.</param>
public sealed record RraDefinition(ConsolidationFunction Function, int PdpPerCdp, int Rows, double Xff);
