using Microsoft.Extensions.Logging;

namespace CollectorAgent.Http;

/// <summary>Messages of this room: ids 8000 to 8999, never used again for anything else. None of them may carry a query or a cookie: they have
/// session ids and pool secrets in them.</summary>
internal static partial class Log
{
    [LoggerMessage(8000, LogLevel.Warning, "Refused a request: {Sentence} ({Unsaid} more since this was last said)")]
    public static partial void Refused(ILogger log, string sentence, long unsaid);
}
