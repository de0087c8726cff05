using CollectorAgent.Protocol;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Sampling;

/// <summary>Messages of this room: ids 2000 to 2999, never used again for anything else.</summary>
internal static partial class Log
{
    [LoggerMessage(2000, LogLevel.Information, "Plugin {Uid}: first sample, page version {Version}, {Sources} data sources")]
    public static partial void FirstSample(ILogger log, string uid, int version, int sources);

    [LoggerMessage(2001, LogLevel.Warning, "Plugin {Uid} is silent: its page has not changed for three ticks; its values are unknown")]
    public static partial void WentSilent(ILogger log, string uid);

    [LoggerMessage(2015, LogLevel.Warning, "Plugin {Uid} is silent: its values are unknown. {Detail}")]
    public static partial void SamplesTooOld(ILogger log, string uid, string detail);

    [LoggerMessage(2002, LogLevel.Warning, "Plugin {Uid}: its page cannot be read ({Status}); its values are unknown. {Detail}")]
    public static partial void PageFailed(ILogger log, string uid, PageStatus status, string detail);

    [LoggerMessage(2003, LogLevel.Information, "Plugin {Uid} is back")]
    public static partial void CameBack(ILogger log, string uid);

    [LoggerMessage(2004, LogLevel.Information, "Plugin {Uid} is gone")]
    public static partial void PluginGone(ILogger log, string uid);

    [LoggerMessage(
        2005,
        LogLevel.Warning,
        "Plugin {Uid}: {Count} data sources are refused, because another plugin reports them, the page has them twice, or it has too many owners; "
        + "the first is {First}")]
    public static partial void SourcesRefused(ILogger log, string uid, int count, string first);

    [LoggerMessage(2006, LogLevel.Warning, "The wall clock was set by {Seconds} s; recorded time is {Ahead} s ahead of it")]
    public static partial void ClockSet(ILogger log, double seconds, long ahead);

    [LoggerMessage(2007, LogLevel.Warning, "{Count} steps had no tick: the one before took too long")]
    public static partial void TicksMissed(ILogger log, long count);

    [LoggerMessage(2011, LogLevel.Error, "Plugin {Uid}: the agent failed to record its sample; its values are unknown. Please report this")]
    public static partial void SampleFailed(ILogger log, string uid, Exception reason);

    [LoggerMessage(
        2008,
        LogLevel.Warning,
        "This host's newest recorded row is ahead of the wall clock: was the clock set back? Recorded time stays {Ahead} s ahead until the clock catches up")]
    public static partial void StartsAhead(ILogger log, long ahead);

    [LoggerMessage(2009, LogLevel.Information, "Recorded time was {Before} s ahead of the wall clock; now it is {Now} s")]
    public static partial void AheadShrinks(ILogger log, long before, long now);

    [LoggerMessage(
        2012,
        LogLevel.Warning,
        "Plugin {Uid} reports new names all the time: {Limit} names that are reported no longer are kept for each owner, and the oldest go first. "
        + "It should put what changes into fewer names")]
    public static partial void SourcesRetired(ILogger log, string uid, int limit);

    [LoggerMessage(2013, LogLevel.Error, "{Owner}: data sources of which nothing is known cannot be removed. Please report this")]
    public static partial void RetiringFailed(ILogger log, string owner, Exception reason);

    [LoggerMessage(2014, LogLevel.Error, "What data sources there are since this tick is not in the files yet. Please report this")]
    public static partial void CommitFailed(ILogger log, Exception reason);

    [LoggerMessage(2010, LogLevel.Warning, "Plugin {Uid}: not all metrics of its page are recorded: {First}; {More} more in /status")]
    public static partial void MetricsLeftOut(ILogger log, string uid, string first, int more);
}
