namespace CollectorAgent.Rrd;

/// <summary>How the PDPs of one row become its CDP.</summary>
public enum ConsolidationFunction
{
    Average,
    Min,
    Max,
    Last,
}
