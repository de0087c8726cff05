namespace CollectorAgent.Daemon;

/// <summary>How many connections there are.</summary>
/// <param name="Open">Now.</param>
/// <param name="Limit">At most, over all listeners.</param>
/// <param name="OutsideLimit">At most of those that do not come by the Unix socket.</param>
/// <param name="Refused">Closed unheard since the start.</param>
public readonly record struct ConnectionReport(int Open, int Limit, int OutsideLimit, long Refused);
