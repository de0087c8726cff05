using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Forwarding;

/// <summary>Answers PUT /rrd: an RRD that another host sends. Not the HTTP server's, because its sender wants to hear 200 before it sends, and
/// says nothing of the length.</summary>
/// <param name="take">Reads the body to the end of the document, which need not be the end of what comes, and does with it what the query says.
/// Nothing but time bounds the body.</param>
internal sealed class ForwardedUpload(Func<ForwardedRequest, Stream, CancellationToken, Task> take, TimeProvider time, ILogger log)
{
    /// <summary>For the whole of it: at the end the connection is cut.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    public static bool Is(ForwardedRequest request) => request is { Method: "PUT", Path: "/rrd" };

    public async Task AnswerAsync(ForwardedRequest request, Socket client, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var cut = end.Token.Register(client.Dispose);
        var stream = new ClientStream(client, request.Body, request.ContentLength, time, () => { });
        if (request.IsChunked)
        {
            Log.Refused(log, request.ToString(), "Chunks are not taken.");
            await stream.WriteAsync(ForwardedAnswers.Page(411, "Chunks are not taken."), end.Token);
            return;
        }
        // A sender that says how much it sends, or that it waits for leave, is one that waits for the outcome too.
        bool isAnsweredAfterwards = request.ContentLength is not null || request.ExpectsContinue;
        if (!isAnsweredAfterwards)
        {
            await stream.WriteAsync(ForwardedAnswers.Send, end.Token);
        }
        else if (request.ExpectsContinue)
        {
            await stream.WriteAsync(ForwardedAnswers.Continue, end.Token);
        }
        byte[]? refusal = await TakeAsync(request, stream, end.Token);
        if (refusal is not null || isAnsweredAfterwards)
        {
            await stream.WriteAsync(refusal ?? ForwardedAnswers.Stored, end.Token);
        }
    }

    /// <returns>Null where it is taken.</returns>
    private async Task<byte[]?> TakeAsync(ForwardedRequest request, ClientStream body, CancellationToken cancellationToken)
    {
        try
        {
            await take(request, body, cancellationToken);
            return null;
        }
        catch (ForwardedRequestException e)
        {
            Log.Refused(log, request.ToString(), e.Message);
            return ForwardedAnswers.Page(e.Status, e.Message);
        }
        catch (IOException e)
        {
            Log.Refused(log, request.ToString(), e.Message);
            return ForwardedAnswers.Page(500, "The document could not be read or kept.");
        }
    }
}
