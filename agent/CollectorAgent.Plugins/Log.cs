using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Messages of this room: ids 3000 to 3999, never used again for anything else.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Warning, "{Name} in the page folder is not read: {Reason}{LeftOut}")]
    private static partial void PageUnusable(ILogger log, string name, string reason, string leftOut);

    /// <param name="leftOut">Messages of this kind that were not logged since the last one.</param>
    public static void PageUnusable(ILogger log, string name, string reason, long leftOut) => PageUnusable(log, name, reason, LeftOut(leftOut));

    [LoggerMessage(3001, LogLevel.Warning, "Events of the folder {Folder} were lost ({Reason}); it is scanned")]
    public static partial void EventsLost(ILogger log, string folder, string reason);

    [LoggerMessage(3002, LogLevel.Error, "The page folder cannot be scanned; it is tried again in a minute: {Reason}")]
    public static partial void ScanFailed(ILogger log, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "The page {Uid} of a plugin that is gone stays: {Reason}")]
    public static partial void PageStays(ILogger log, string uid, string reason);

    [LoggerMessage(3010, LogLevel.Information, "Plugin {Name} {Version} started as process {Pid}")]
    public static partial void PluginStarted(ILogger log, string name, string version, int pid);

    [LoggerMessage(3012, LogLevel.Warning, "Plugin {Name}: {What}; it starts again in {Seconds:0.0} s")]
    public static partial void PluginRestarts(ILogger log, string name, string what, double seconds);

    [LoggerMessage(3013, LogLevel.Information, "Plugin {Name} ended with exit code {ExitCode}")]
    public static partial void PluginEnded(ILogger log, string name, int exitCode);

    [LoggerMessage(3014, LogLevel.Warning, "Plugin {Name} did not stop within {Seconds} s and was killed")]
    public static partial void PluginKilled(ILogger log, string name, double seconds);

    [LoggerMessage(EventId = 3015, Message = "Plugin {Name}: {Line}")]
    public static partial void PluginSays(ILogger log, LogLevel level, string name, string line);

    [LoggerMessage(3016, LogLevel.Error, "No plugin is started from {Folder}: {Reason}")]
    public static partial void ManifestWrong(ILogger log, string folder, string reason);

    [LoggerMessage(3017, LogLevel.Error, "The plugin folder {Folder} cannot be read: {Reason}")]
    public static partial void PluginFolderUnreadable(ILogger log, string folder, string reason);

    [LoggerMessage(3028, LogLevel.Error, "Cannot look at the plugin folders; trying again within a minute: {Reason}")]
    public static partial void FoldersNotScanned(ILogger log, string reason);

    [LoggerMessage(3029, LogLevel.Warning, "Cannot watch {Folder}; looking there once a minute: {Reason}")]
    public static partial void FolderNotWatched(ILogger log, string folder, string reason);

    [LoggerMessage(3018, LogLevel.Information, "Plugin {Name} is removed: its folder {Folder} is gone")]
    public static partial void PluginFolderGone(ILogger log, string name, string folder);

    [LoggerMessage(3019, LogLevel.Information, "Plugin {Name} finds nothing to measure; it looks again in {Minutes} minutes")]
    public static partial void PluginUnavailable(ILogger log, string name, double minutes);

    [LoggerMessage(3020, LogLevel.Information, "Plugin {Name} stays ended, as its manifest says: {What}")]
    public static partial void PluginStaysEnded(ILogger log, string name, string what);

    [LoggerMessage(
        3021,
        LogLevel.Critical,
        "Plugin {Name} is given up: more than {Count} ends in {Minutes} minutes, at last: {What}. Mend it, then 'collectorctl plugin restart {Name}'")]
    public static partial void PluginGivenUp(ILogger log, string name, int count, double minutes, string what);

    [LoggerMessage(3025, LogLevel.Error, "Plugin {Name} cannot be run as it is and is not started again before its folder changes; it has said why")]
    public static partial void PluginMisconfigured(ILogger log, string name);

    [LoggerMessage(3022, LogLevel.Warning, "Plugin {Name} left process {Pid} behind; it was killed")]
    public static partial void StrayEnded(ILogger log, string name, int pid);

    [LoggerMessage(
        3027, LogLevel.Error, "Cannot measure what plugins use; trying again at the next tick: {Reason}{LeftOut}")]
    private static partial void NotMeasured(ILogger log, string reason, string leftOut);

    /// <param name="leftOut">Messages of this kind that were not logged since the last one.</param>
    public static void NotMeasured(ILogger log, string reason, long leftOut) => NotMeasured(log, reason, LeftOut(leftOut));

    [LoggerMessage(3026, LogLevel.Error, "Plugin {Name}: process {Pid} or its group cannot be ended: {Reason}")]
    public static partial void ProcessNotEnded(ILogger log, string name, int pid, string reason);

    [LoggerMessage(3023, LogLevel.Error, "Cannot start the orphan guard, which stops plugins if the agent dies: {Reason}")]
    public static partial void GuardNotStarted(ILogger log, string reason);

    [LoggerMessage(
        3024, LogLevel.Warning, "The orphan guard, which stops plugins if the agent dies, ended with exit code {ExitCode}; starting it again")]
    public static partial void GuardEnded(ILogger log, int exitCode);

    private static string LeftOut(long count) =>
        count == 0 ? "" : FormattableString.Invariant($"; {count} such {(count == 1 ? "message was" : "messages were")} left out before");
}
