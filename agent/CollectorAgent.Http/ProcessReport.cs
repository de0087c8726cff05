namespace CollectorAgent.Http;

/// <summary>How the agent itself is doing, as its <c>/status</c> says.</summary>
/// <param name="LostLogLines">Lines of the log that nobody took.</param>
/// <param name="CertificateEnds">When the certificate ends that it shows; null where it shows none.</param>
public sealed record ProcessReport(
    IReadOnlyList<TaskFigures> Tasks, ConnectionFigures Connections, long LostLogLines, DateTimeOffset? CertificateEnds);

/// <summary>A background task.</summary>
/// <param name="State">Whether it runs, waits to be tried again, or is done.</param>
/// <param name="Reason">Why it failed last.</param>
public sealed record TaskFigures(string Name, string State, long Failures, string Reason, DateTimeOffset? FailedAt);

/// <summary>Connections of all listeners.</summary>
/// <param name="OutsideLimit">At most of those that do not come by the Unix socket.</param>
/// <param name="Refused">Since the start.</param>
public readonly record struct ConnectionFigures(int Open, int Limit, int OutsideLimit, long Refused);
