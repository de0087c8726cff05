using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins;

/// <summary>Messages of this room: ids 3000 to 3999, never used again for anything else.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Warning, "{Name} in the page folder is not read: {Reason}")]
    public static partial void PageUnusable(ILogger log, string name, string reason);

    [LoggerMessage(3001, LogLevel.Warning, "Events of the page folder were lost ({Reason}); it is scanned")]
    public static partial void EventsLost(ILogger log, string reason);

    [LoggerMessage(3002, LogLevel.Error, "The page folder cannot be scanned; it is tried again in a minute: {Reason}")]
    public static partial void ScanFailed(ILogger log, string reason);

    [LoggerMessage(3010, LogLevel.Information, "Plugin {Name} {Version} started as process {Pid}")]
    public static partial void PluginStarted(ILogger log, string name, string version, int pid);

    [LoggerMessage(3011, LogLevel.Error, "Plugin {Name}: {Executable} cannot be started: {Reason}")]
    public static partial void PluginNotStarted(ILogger log, string name, string executable, string reason);

    [LoggerMessage(3012, LogLevel.Warning, "Plugin {Name} starts again in {Seconds} s")]
    public static partial void PluginRestarts(ILogger log, string name, double seconds);

    [LoggerMessage(3013, LogLevel.Information, "Plugin {Name} ended with exit code {ExitCode}")]
    public static partial void PluginEnded(ILogger log, string name, int exitCode);

    [LoggerMessage(3014, LogLevel.Warning, "Plugin {Name} did not stop within {Seconds} s and was killed")]
    public static partial void PluginKilled(ILogger log, string name, double seconds);

    [LoggerMessage(EventId = 3015, Message = "Plugin {Name}: {Line}")]
    public static partial void PluginSays(ILogger log, LogLevel level, string name, string line);

    [LoggerMessage(3016, LogLevel.Error, "A plugin is not started: {Reason}")]
    public static partial void ManifestWrong(ILogger log, string reason);
}
