using Microsoft.Extensions.Logging;

namespace CollectorAgent.Rpc;

/// <summary>Messages of this room: ids 4000 to 4999, never used again for anything else.</summary>
internal static partial class Log
{
    [LoggerMessage(4000, LogLevel.Warning, "The connection of {Client} (process {Pid}) is closed: {Reason}")]
    public static partial void ConnectionClosed(ILogger log, string client, int? pid, string reason);

    [LoggerMessage(4001, LogLevel.Error, "{Method} failed by a defect of the agent; the caller was told. Please report this")]
    public static partial void CallFailed(ILogger log, string method, Exception reason);
}
