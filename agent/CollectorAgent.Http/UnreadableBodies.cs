using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>A step of the pipeline: a body that cannot be read as its head says is the sender's fault, and answered as such.</summary>
public sealed class UnreadableBodies(RefusalLog log)
{
    public async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (e is IOException and not ConnectionResetException && !context.Response.HasStarted)
        {
            // The framework's own text is not for readers.
            int status = (e as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest;
            string sentence = status == StatusCodes.Status400BadRequest
                ? "The body of the request cannot be read: its chunks are malformed, or it ends early."
                : "The body of the request cannot be read: it is too long, or comes too slowly.";
            log.Say($"{sentence} ({context.Request.Method})");
            context.Response.Clear();
            context.Response.Headers.Connection = "close";
            await Answers.SentenceAsync(context, status, sentence);
        }
    }
}
