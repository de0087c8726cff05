namespace CollectorAgent.Rrd;

/// <summary>Shape of one ring of consolidated values.</summary>
/// <param name="Function">How PDPs become a CDP.</param>
/// <param name="PdpPerCdp">PDPs that one row covers, from 1.</param>
/// <param name="Rows">Length of the ring, from 1.</param>
/// <param name="Xff">Largest unknown share, 0 to 1, for a CDP still to be known. A row without any known PDP is
/// unknown whatever it says.</param>
public sealed record RraDefinition(ConsolidationFunction Function, int PdpPerCdp, int Rows, double Xff)
{
    /// <summary>How many PDPs of a row must be known at least for its CDP to be known.</summary>
    internal int LeastKnown { get; } = Least(PdpPerCdp, Xff);

    private static int Least(int pdpPerCdp, double xff)
    {
        // A quotient rounds as the xff itself did when it was written down; xff times the PDPs can fall short of a whole number.
        int unknown = (int)Math.Min(pdpPerCdp - 1, xff * pdpPerCdp + 1);
        while (unknown > 0 && unknown / (double)pdpPerCdp > xff)
        {
            unknown--;
        }
        return pdpPerCdp - unknown;
    }
}
