namespace CollectorAgent.Protocol;

/// <summary>A stats VDI is not read or written, and nothing was changed. The message says why.</summary>
public sealed class StatsVdiException(StatsVdiRefusal refusal, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public StatsVdiRefusal Refusal => refusal;
}
