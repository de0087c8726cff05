using Microsoft.Extensions.Logging;

namespace CollectorAgent.Forwarding;

/// <summary>Messages of this room: ids 6000 to 6999, never used again for anything else. None of them may carry a query, a header or a
/// cookie: they hold secrets.</summary>
internal static partial class Log
{
    [LoggerMessage(6000, LogLevel.Warning, "Forwarded connection refused ({Request}): {Reason}")]
    public static partial void Refused(ILogger log, string request, string reason);

    [LoggerMessage(6001, LogLevel.Error, "Forwarded connection failed ({Request})")]
    public static partial void Failed(ILogger log, string request, Exception exception);

    [LoggerMessage(6002, LogLevel.Warning, "No forwarded connection can be taken for a second: {Reason}")]
    public static partial void CannotAccept(ILogger log, string reason);
}
