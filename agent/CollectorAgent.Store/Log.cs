using Microsoft.Extensions.Logging;

namespace CollectorAgent.Store;

/// <summary>Messages of this room: ids 1000 to 1999, never used again for anything else.</summary>
internal static partial class Log
{
    [LoggerMessage(1000, LogLevel.Warning, "{Path} is no file of the store; it is left alone")]
    public static partial void ForeignFile(ILogger log, string path);

    [LoggerMessage(1001, LogLevel.Error, "{Path} cannot be read and is now {NewPath}; its owner starts without history: {Reason}")]
    public static partial void FileSetAside(ILogger log, string path, string newPath, string reason);

    [LoggerMessage(1002, LogLevel.Error, "The history of {Owner} could not be saved; its last file is as it was: {Reason}")]
    public static partial void SaveFailed(ILogger log, string owner, string reason);
}
