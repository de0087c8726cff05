using System.Buffers;
using CollectorAgent.Hooks;
using CollectorAgent.Native;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;
using CollectorAgent.Store;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using static CollectorAgent.Http.Answers;

namespace CollectorAgent.Http;

/// <summary>RRDs that come from other hosts, and archives that others fetch. See docs/formats/transfer.md.</summary>
/// <param name="receive">Keeps an RRD; when it returns, it is kept. Throws <see cref="ArchiveFormatException"/> where it is none,
/// <see cref="NotSupportedException"/> where it is not for here, <see cref="IOException"/> where it cannot be kept.</param>
/// <param name="unarchive">Reads the archive of a uuid; null where there is none. Throws <see cref="ArchiveFormatException"/> or
/// <see cref="IOException"/> where it cannot be read.</param>
/// <param name="archiveBytes">How long an archive is when it is unpacked; 0 where there is none.</param>
/// <param name="documents">What documents may take.</param>
public sealed class TransferEndpoints(
    PeerGate gate,
    Func<IncomingRrd, Stream, CancellationToken, Task> receive,
    Func<string, RoundRobinDatabase?> unarchive,
    Func<string, long> archiveBytes,
    DocumentBudget documents) : IDisposable
{
    /// <summary>A document has at most so many bytes, before it is unpacked and after.</summary>
    public const long MaxDocumentBytes = 256L << 20;

    /// <summary>So many are taken at a time, and so many are given.</summary>
    public const int MaxAtATime = 4;

    /// <summary>Says that an RRD is kept; senders that do not know it look at the status alone.</summary>
    public const string StoredHeader = "rrd-stored";

    private const string PutPath = "/rrd";
    internal const string UnarchivePath = "/rrd_unarchive";
    private const string RetrySeconds = "10";

    // An archive that is read takes 16 bytes for each value, which has ten characters at least.
    private const int MemoryOfText = 2;

    private static readonly string TooMany = $"Too many transfers in progress (limit {MaxAtATime}). Retry later.";

    private readonly SemaphoreSlim _incoming = new(MaxAtATime);
    private readonly SemaphoreSlim _outgoing = new(MaxAtATime);

    /// <summary>Whether a request is for here.</summary>
    public static bool Takes(HttpRequest request) =>
        HttpMethods.IsPut(request.Method)
        || (request.Path == UnarchivePath && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsPost(request.Method)));

    public Task HandleAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache, no-store";
        if (!HttpMethods.IsPut(context.Request.Method))
        {
            return UnlessFullAsync(context, _outgoing, gate.RefuseRead(context), UnarchiveAsync);
        }
        return context.Request.Path == PutPath
            ? UnlessFullAsync(context, _incoming, gate.RefuseWrite(context), PutAsync)
            : SentenceAsync(context, StatusCodes.Status404NotFound, $"{PutPath} is the only path to PUT to.");
    }

    public void Dispose()
    {
        _incoming.Dispose();
        _outgoing.Dispose();
    }

    private static async Task UnlessFullAsync(HttpContext context, SemaphoreSlim places, PeerRefusal? refusal, Func<HttpContext, string, Task> answer)
    {
        if (refusal is not null)
        {
            await refusal.AnswerAsync(context);
        }
        else if (Uuid(context.Request.Query) is not { } uuid)
        {
            await SentenceAsync(context, StatusCodes.Status400BadRequest, "The parameter uuid is missing, or is no uuid.");
        }
        else if (!places.Wait(0))
        {
            context.Response.Headers.RetryAfter = RetrySeconds;
            await SentenceAsync(context, StatusCodes.Status503ServiceUnavailable, TooMany);
        }
        else
        {
            try
            {
                await answer(context, uuid);
            }
            catch (Exception e) when (IsGone(e, context))
            {
                // Whoever would be answered is gone.
                context.Abort();
            }
            finally
            {
                places.Release();
            }
        }
    }

    /// <summary>Takes an RRD from a sender that a toolstack's front has let in, and that does not say how long it is.</summary>
    /// <param name="query">That of the request.</param>
    /// <param name="body">Read to where the document ends.</param>
    /// <returns>Why it is not kept; null where it is.</returns>
    public async Task<PeerRefusal?> TakeForwardedAsync(
        IEnumerable<KeyValuePair<string, string>> query, Stream body, CancellationToken cancellationToken)
    {
        var parameters = new QueryCollection(query.GroupBy(p => p.Key).ToDictionary(g => g.Key, g => new StringValues([.. g.Select(p => p.Value)])));
        if (Uuid(parameters) is not { } uuid)
        {
            return new PeerRefusal(StatusCodes.Status400BadRequest, "The parameter uuid is missing, or is no uuid.");
        }
        if (!_incoming.Wait(0, cancellationToken))
        {
            return new PeerRefusal(StatusCodes.Status503ServiceUnavailable, TooMany);
        }
        try
        {
            return await RefuseAsync(Incoming(uuid, parameters), () => Task.FromResult<Stream>(new DocumentStream(body)), cancellationToken);
        }
        finally
        {
            _incoming.Release();
        }
    }

    private static IncomingRrd Incoming(string uuid, IQueryCollection query) =>
        new(uuid, query["is_host"].LastOrDefault() == "true", query.ContainsKey("archive"));

    /// <summary>It ends up in a file name: it must be one.</summary>
    private static string? Uuid(IQueryCollection query) =>
        query["uuid"] is [{ Length: 36 } text] && Guid.TryParseExact(text, "D", out var uuid) ? uuid.ToString() : null;

    private async Task PutAsync(HttpContext context, string uuid)
    {
        var request = context.Request;
        if (request.ContentLength is null && !request.Headers.ContainsKey("transfer-encoding"))
        {
            await SentenceAsync(context, StatusCodes.Status411LengthRequired, "Say how long the document is, or send it in chunks.");
            return;
        }
        if (request.ContentLength > MaxDocumentBytes)
        {
            await SentenceAsync(context, StatusCodes.Status413PayloadTooLarge, $"A document has at most {MaxDocumentBytes} bytes.");
            return;
        }
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxDocumentBytes;
        if (await RefuseAsync(Incoming(uuid, request.Query), () => BodyAsync(context), context.RequestAborted) is { } refusal)
        {
            await refusal.AnswerAsync(context);
            return;
        }
        context.Response.Headers[StoredHeader] = "true";
        context.Response.ContentLength = 0;
    }

    /// <summary>Has the RRD kept.</summary>
    /// <returns>Why it is not; null where it is.</returns>
    private async Task<PeerRefusal?> RefuseAsync(IncomingRrd rrd, Func<Task<Stream>> open, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await open();
            await receive(rrd, new BoundedBody(body, MaxDocumentBytes), cancellationToken);
            return null;
        }
        catch (ArchiveFailedException e)
        {
            return new PeerRefusal(StatusCodes.Status507InsufficientStorage, e.Message);
        }
        catch (Exception e) when (e is ArchiveFormatException or InvalidDataException)
        {
            return new PeerRefusal(StatusCodes.Status400BadRequest, "This is no RRD: " + e.Message);
        }
        catch (NotSupportedException e)
        {
            return new PeerRefusal(StatusCodes.Status501NotImplemented, e.Message);
        }
        catch (BadHttpRequestException e)
        {
            return new PeerRefusal(e.StatusCode, e.Message);
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not ConnectionResetException)
        {
            return PosixException.IsDiskFull(e)
                ? new PeerRefusal(StatusCodes.Status507InsufficientStorage, "The disk is full: " + e.Message)
                : new PeerRefusal(StatusCodes.Status500InternalServerError, "It cannot be kept: " + e.Message);
        }
    }

    /// <summary>The document, unpacked where it is packed, whatever the headers say of that.</summary>
    private static async Task<Stream> BodyAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        var read = await BoundedBody.ReadAsync(() => reader.ReadAtLeastAsync(2, context.RequestAborted));
        bool isGzip = IsGzip(read.Buffer);
        reader.AdvanceTo(read.Buffer.Start);
        return isGzip ? WholeGzip.Unpack(reader.AsStream()) : reader.AsStream();
    }

    private static bool IsGzip(ReadOnlySequence<byte> start)
    {
        var bytes = new SequenceReader<byte>(start);
        return bytes.TryRead(out byte first) && bytes.TryRead(out byte second) && first == 0x1f && second == 0x8b;
    }

    private Task UnarchiveAsync(HttpContext context, string uuid) => WithinAsync(
        context,
        documents,
        DocumentCost.Of(context.Request, DocumentWriter.MaxHeldBack, MemoryOfText * archiveBytes(uuid)),
        lease => UnarchiveWithinAsync(context, uuid, lease));

    private async Task UnarchiveWithinAsync(HttpContext context, string uuid, DocumentLease lease)
    {
        RrdSnapshot? snapshot;
        try
        {
            snapshot = unarchive(uuid)?.Snapshot();
        }
        catch (Exception e) when (e is ArchiveFormatException or IOException)
        {
            await SentenceAsync(context, StatusCodes.Status500InternalServerError, "The archive cannot be read: " + e.Message);
            return;
        }
        if (snapshot is null)
        {
            await SentenceAsync(context, StatusCodes.Status404NotFound, "There is no archive of this uuid here.");
            return;
        }
        context.Response.Headers.AccessControlAllowOrigin = "*";
        await WholeRrd.WriteAsync(context, lease, snapshot);
    }
}
