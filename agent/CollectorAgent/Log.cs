using Microsoft.Extensions.Logging;

namespace CollectorAgent;

/// <summary>Messages of this room: ids 1 to 999, never used again for anything else.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "collector-agent {Version} works below {Root}; socket {Socket}; look at {Addresses}")]
    public static partial void Started(ILogger log, string version, string root, string socket, string addresses);

    [LoggerMessage(2, LogLevel.Information, "Stopping")]
    public static partial void Stopping(ILogger log);

    [LoggerMessage(3, LogLevel.Information, "Stopped; {Saved} RRDs are on disk, {Unsaved} not")]
    public static partial void Stopped(ILogger log, int saved, int unsaved);

    [LoggerMessage(4, LogLevel.Warning, "Nobody is let in over TLS until it is mended: {Trouble}")]
    public static partial void NobodyKnown(ILogger log, string trouble);

    [LoggerMessage(5, LogLevel.Critical, "Failed: {What}, which the agent cannot do without; it ends with exit code 3")]
    public static partial void EssentialFailed(ILogger log, string what, Exception failure);

    [LoggerMessage(6, LogLevel.Error, "Processes that plugins left behind cannot be ended: {Reason}")]
    public static partial void StraysNotEnded(ILogger log, string reason);
}
