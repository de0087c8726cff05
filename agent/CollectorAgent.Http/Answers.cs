using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>The two ways of answering: a document, or a sentence that says why there is none.</summary>
internal static class Answers
{
    /// <param name="leastBytes">How long the document will be at least.</param>
    public static async Task DocumentAsync(HttpContext context, string contentType, long leastBytes, Func<DocumentWriter, Task> write)
    {
        context.Response.ContentType = contentType;
        using var writer = new DocumentWriter(context.Response, leastBytes > DocumentWriter.MaxHeldBack);
        await write(writer);
        await writer.FinishAsync(context.RequestAborted);
    }

    public static Task SentenceAsync(HttpContext context, int status, string sentence)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.ETag = default;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(sentence + "\n", context.RequestAborted);
    }
}
