using Microsoft.Extensions.Logging;

namespace CollectorAgent.Hooks;

/// <summary>Messages of this room: ids 7000 to 7999, never used again for anything else.</summary>
internal static partial class Log
{
    [LoggerMessage(7000, LogLevel.Information, "{Owner} has left this host: {To} has it")]
    public static partial void Left(ILogger log, string owner, string to);

    [LoggerMessage(7001, LogLevel.Warning, "{Owner} did not get to {To}: {Reason}. It is still here; the call can be repeated")]
    public static partial void NotSent(ILogger log, string owner, string to, string reason);

    [LoggerMessage(7002, LogLevel.Warning, "{To} cannot say whether it has kept {Owner}; a copy of it is at {Path}")]
    public static partial void CopyKept(ILogger log, string owner, string to, string path);

    [LoggerMessage(7003, LogLevel.Information, "{Owner} has the history of {From}")]
    public static partial void Joined(ILogger log, string owner, string from);

    [LoggerMessage(7004, LogLevel.Error, "The archive {From} cannot be used as the history of {Uuid}: {Reason}")]
    public static partial void ArchiveUnusable(ILogger log, string from, string uuid, string reason);

    [LoggerMessage(7005, LogLevel.Warning, "Nothing is known of the cache SR {Uuid}: {Reason}; it is asked again every minute")]
    public static partial void NoCacheStatistics(ILogger log, string uuid, string reason);

    [LoggerMessage(7006, LogLevel.Error, "{Path} cannot be used, and what the toolstack last said in it is forgotten until it says it again: {Reason}")]
    public static partial void SettingsUnusable(ILogger log, string path, string reason);

    [LoggerMessage(
        7007,
        LogLevel.Warning,
        "{From} is {Seconds} s ahead of this host's clock: what lies ahead is left out of the history of {Owner}. Check the clock it was recorded by")]
    public static partial void CutAtNow(ILogger log, string from, string owner, long seconds);

    [LoggerMessage(7008, LogLevel.Warning, "{From} has more rows than this host keeps: the oldest are left out of the history of {Owner}")]
    public static partial void RingsCut(ILogger log, string from, string owner);
}
