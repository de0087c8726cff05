using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>Messages of this room: ids 9000 to 9999, never used again for anything else. Those of the log itself are in <see
/// cref="AgentLog"/>.</summary>
internal static partial class Log
{
    [LoggerMessage(9010, LogLevel.Error, "The background task '{Name}' failed and is tried again in {Seconds} s")]
    public static partial void TaskFailed(ILogger log, string name, double seconds, Exception failure);

    [LoggerMessage(9020, LogLevel.Warning, "{Count} connections were refused, the last one because {Reason}")]
    public static partial void ConnectionsRefused(ILogger log, long count, string reason);

    [LoggerMessage(9050, LogLevel.Warning, "The socket {Path} was removed or replaced; the agent listens there anew")]
    public static partial void SocketGone(ILogger log, string path);

    [LoggerMessage(9051, LogLevel.Warning, "The lock file {Path} was removed or replaced; taking it anew")]
    public static partial void LockGone(ILogger log, string path);

    [LoggerMessage(9052, LogLevel.Error, "{What} is gone and cannot be made anew, which is tried every 2 s: {Reason}")]
    public static partial void NotRenewed(ILogger log, string what, string reason);

    [LoggerMessage(9030, LogLevel.Information, "{Signal}: nothing to do for the agent")]
    public static partial void SignalIgnored(ILogger log, string signal);

    [LoggerMessage(9031, LogLevel.Information, "SIGHUP: looking again at {What}")]
    public static partial void Reloading(ILogger log, string what);

    [LoggerMessage(9032, LogLevel.Error, "SIGHUP: {What} failed: {Reason}")]
    public static partial void ReloadFailed(ILogger log, string what, string reason);

    [LoggerMessage(9040, LogLevel.Warning, "The mode of {Path} cannot be set, so others may be able to write there: {Reason}")]
    public static partial void ModeNotSet(ILogger log, string path, string reason);
}
