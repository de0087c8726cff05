namespace CollectorAgent.Daemon;

/// <summary>How a background task is doing.</summary>
/// <param name="Failures">How often it has failed since the start.</param>
/// <param name="Reason">Why it failed last.</param>
/// <param name="FailedAt">When that was.</param>
public sealed record BackgroundTaskReport(string Name, BackgroundTaskState State, long Failures, string Reason, DateTimeOffset? FailedAt);
