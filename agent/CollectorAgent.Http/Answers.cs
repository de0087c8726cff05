using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Http;

/// <summary>The two ways of answering: a document, or a sentence that says why there is none.</summary>
internal static class Answers
{
    /// <summary>Answers with a share of the budget, or says that there is none; a reader that is gone is not answered.</summary>
    public static async Task WithinAsync(HttpContext context, DocumentBudget budget, DocumentCost cost, Func<DocumentLease, Task> answer)
    {
        try
        {
            using var lease = await budget.TakeAsync(cost, context.RequestAborted);
            if (lease is null)
            {
                // Whoever does not read is not to keep the connection either.
                context.Response.Headers.Connection = "close";
                context.Response.Headers.RetryAfter = DocumentBudget.Patience.TotalSeconds.ToString(CultureInfo.InvariantCulture);
                await SentenceAsync(
                    context,
                    StatusCodes.Status503ServiceUnavailable,
                    $"Too many documents in progress (limit {budget.Report.MaxBytes >> 20} MiB of memory). Retry later.");
                return;
            }
            await lease.GoOnAsync(context.RequestAborted);
            await answer(lease);
        }
        catch (Exception e) when (IsGone(e, context))
        {
            context.Abort();
        }
    }

    /// <summary>Whether it came of a reader that has left, was dropped, or read so slowly that what it was to read next is not there any
    /// more.</summary>
    public static bool IsGone(Exception e, HttpContext context) =>
        e is ConnectionResetException or TimeoutException || (e is OperationCanceledException && context.RequestAborted.IsCancellationRequested);

    /// <param name="leastBytes">How long the document will be at least.</param>
    public static async Task DocumentAsync(
        HttpContext context, DocumentLease lease, string contentType, long leastBytes, Func<DocumentWriter, Task> write)
    {
        context.Response.ContentType = contentType;
        using var writer = new DocumentWriter(context.Response, lease, leastBytes > DocumentWriter.MaxHeldBack);
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
