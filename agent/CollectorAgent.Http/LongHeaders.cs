using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace CollectorAgent.Http;

/// <summary>A step of the pipeline: refuses lists in headers that are longer than any client has a reason for. To read one of 32 KiB takes
/// longer than to make the document.</summary>
public sealed class LongHeaders(RefusalLog log)
{
    /// <summary>The most characters of each of these headers, over all its lines.</summary>
    public const int MaxLength = 8 << 10;

    private static readonly string[] Lists =
        [HeaderNames.Accept, HeaderNames.AcceptEncoding, HeaderNames.AcceptLanguage, HeaderNames.AcceptCharset, HeaderNames.IfNoneMatch, HeaderNames.Cookie];

    /// <summary>Answers with 400, or hands the request on.</summary>
    public Task RefuseAsync(HttpContext context, RequestDelegate next)
    {
        if (Array.Find(Lists, l => context.Request.Headers[l].Sum(v => (long)(v?.Length ?? 0)) > MaxLength) is not { } tooLong)
        {
            return next(context);
        }
        string sentence = $"The header {tooLong} is longer than {MaxLength} characters. Send a shorter one.";
        log.Say(sentence);
        return Answers.SentenceAsync(context, StatusCodes.Status400BadRequest, sentence);
    }
}
