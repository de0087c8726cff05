using Microsoft.Extensions.Logging;

namespace CollectorAgent.Store;

/// <summary>Messages of this room: ids 1000 to 1999, never used again for anything else.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Warning, "{Path} is no file of the store; it is left alone")]
    public static partial void ForeignFile(ILogger log, string path);

    [LoggerMessage(1001, LogLevel.Error, "{Path} cannot be used and is now {NewPath}: {Reason}")]
    public static partial void FileSetAside(ILogger log, string path, string newPath, string reason);

    [LoggerMessage(1003, LogLevel.Error, "{Path} is left alone, and what is recorded for its owner stays in memory until the agent ends: {Reason}")]
    public static partial void FileLeftAlone(ILogger log, string path, string reason);

    [LoggerMessage(1004, LogLevel.Warning, "{Owner} goes on with its archive {Path}")]
    public static partial void ArchiveTaken(ILogger log, string owner, string path);

    [LoggerMessage(1005, LogLevel.Error, "{Owner} starts without history")]
    public static partial void StartsAnew(ILogger log, string owner);

    [LoggerMessage(1006, LogLevel.Error,
        "{Path}: {Columns} data sources at byte {Start} cannot be read and start without history ({Names}, ...); others in the file are as they were")]
    public static partial void TileLost(ILogger log, string path, long start, int columns, string names);

    [LoggerMessage(1007, LogLevel.Warning, "{Path}: its last change of data sources is not whole on disk; the one before it counts")]
    public static partial void OlderTaken(ILogger log, string path);

    [LoggerMessage(1008, LogLevel.Error, "The archive {Path} cannot be used: {Reason}")]
    public static partial void ArchiveUnusable(ILogger log, string path, string reason);

    [LoggerMessage(1010, LogLevel.Error,
        "{Path} cannot take what is recorded: {Reason}. It goes on in memory and will be put into the file as soon as that is possible: {Advice}. "
        + "The same trouble of other owners is not said again; /status counts them")]
    public static partial void InMemory(ILogger log, string path, string reason, string advice);

    [LoggerMessage(1011, LogLevel.Information, "All that is recorded is in its files again")]
    public static partial void Filed(ILogger log);

    [LoggerMessage(1012, LogLevel.Error,
        "{Owner} could not be brought to the disk: {Reason}. A power cut would lose what was recorded since it last was; it is tried again. "
        + "The same trouble of other owners is not said again; /status counts them")]
    public static partial void SyncFailed(ILogger log, string owner, string reason);

    [LoggerMessage(1013, LogLevel.Information, "All that is recorded reaches the disk again")]
    public static partial void SyncWorks(ILogger log);

    [LoggerMessage(1014, LogLevel.Error, "{Owner}: {Rows} rows differ from what was written, and are unknown now: its disk or its file was changed")]
    public static partial void RowsDamaged(ILogger log, string owner, int rows);

    [LoggerMessage(
        1015,
        LogLevel.Warning,
        "{Owner} was {Seconds} s ahead of this host's clock and of what the host has recorded: what lay ahead is left out, recording goes on now")]
    public static partial void CutAtNow(ILogger log, string owner, long seconds);

    [LoggerMessage(
        1016,
        LogLevel.Warning,
        "{Path}: the end of the file, or one of the two copies of its directory, is gone; what was lost with it is unknown, the rest is as it was")]
    public static partial void FileRepaired(ILogger log, string path);

    [LoggerMessage(1017, LogLevel.Error, "The file of an owner that was removed cannot be deleted: {Reason}. The next round, or the next start, tries again")]
    public static partial void RemovedStays(ILogger log, string reason);

    [LoggerMessage(1018, LogLevel.Warning, "Archive {What}: {Count} parts of it have no meaning here and were left out, first {First}")]
    public static partial void LeftOut(ILogger log, string what, int count, string first);

    [LoggerMessage(1030, LogLevel.Warning, "{Path} was removed while the agent ran; it is made anew from what is in memory")]
    public static partial void FileRemoved(ILogger log, string path);
}
