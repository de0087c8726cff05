namespace CollectorAgent.Hooks;

/// <summary>A transfer that did not succeed; what was to be sent is still here.</summary>
/// <param name="Uuid">Whose RRD it was.</param>
/// <param name="To">The address or path.</param>
/// <param name="Reason">Why.</param>
/// <param name="At">When.</param>
public sealed record FailedTransfer(string Uuid, string To, string Reason, DateTimeOffset At);
