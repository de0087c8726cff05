namespace CollectorAgent.XenPlugin;

/// <summary>What only tapdisk counts.</summary>
/// <param name="ReadUs">Time that completed reads took, in microseconds.</param>
/// <param name="WriteUs">Time that completed writes took.</param>
/// <param name="InFlight">Requests that have been submitted and not completed.</param>
internal readonly record struct TapdiskCounters(ulong ReadUs, ulong WriteUs, long InFlight);
