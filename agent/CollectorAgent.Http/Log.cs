using Microsoft.Extensions.Logging;

namespace CollectorAgent.Http;

/// <summary>Messages of this room: ids 8000 to 8999, never used again for anything else. None of them may carry a query or a cookie: they have
/// session ids and pool secrets in them.</summary>
internal static partial class Log
{
    [LoggerMessage(8000, LogLevel.Warning, "Refused a request: {Sentence}{Unsaid}")]
    private static partial void Refused(ILogger log, string sentence, string unsaid);

    /// <param name="unsaid">Requests that were refused without a message since the last one.</param>
    public static void Refused(ILogger log, string sentence, long unsaid) =>
        Refused(log, sentence, unsaid == 0 ? "" : FormattableString.Invariant($" ({unsaid} more requests were refused since the last such message)"));
}
