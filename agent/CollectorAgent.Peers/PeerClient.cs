using Microsoft.Extensions.Logging;

namespace CollectorAgent.Peers;

/// <summary>Sends RRDs to other hosts and fetches them. See docs/formats/transfer.md.</summary>
/// <remarks>A transfer waits for another host: never call it with a lock held that anybody needs.</remarks>
public sealed class PeerClient
{
    /// <summary>A fetched document has at most so many bytes.</summary>
    public const long MaxDocumentBytes = 256L << 20;

    /// <summary>Header of an answer that comes after the document has been stored; older peers answer before they read it.</summary>
    public const string StoredHeader = "rrd-stored";

    private readonly PeerOptions _options;
    private readonly PoolSecret _secret;
    private readonly string _userAgent;
    private readonly TimeProvider _time;

    /// <param name="version">The agent's.</param>
    public PeerClient(PeerOptions options, PoolSecret secret, string version, TimeProvider time, ILogger log)
    {
        options.Validate();
        _options = options;
        _secret = secret;
        _userAgent = "rrdd/" + version;
        _time = time;
        if (options.InsecureReason is { } reason)
        {
            Log.Insecure(log, reason);
        }
    }

    /// <summary>Sends an RRD in its internal form.</summary>
    /// <param name="isArchive">The peer is to keep it as a file; else to go on recording into it.</param>
    /// <param name="document">Stays open.</param>
    /// <param name="length">Of the document, in bytes.</param>
    /// <exception cref="PeerException">The peer does not have it, or says nothing of it.</exception>
    public async Task<PeerReceipt> PutAsync(
        PeerAddress to, PeerCredential credential, string uuid, bool isArchive, Stream document, long length, CancellationToken cancellationToken)
    {
        string secret = credential.SessionId ?? ReadSecret();
        using var exchange = new PeerExchange(to, _options, secret, _time, cancellationToken);
        string query = (credential.SessionId is { } id ? $"session_id={Uri.EscapeDataString(id)}&" : "")
            + (isArchive ? "archive=true&" : "")
            + $"uuid={Uri.EscapeDataString(uuid)}";
        using var request = Request(HttpMethod.Put, to.Uri("/rrd?" + query), credential.SessionId is null ? secret : null);
        request.Headers.ExpectContinue = true;
        request.Content = new DocumentContent(
            document, length, () => exchange.Deadline.Expect("a sign that it takes the document", _options.ProgressWithin));
        using var response = await exchange.SendAsync(request);
        if (response.Headers.TryGetValues(StoredHeader, out var stored) && stored.Contains("true"))
        {
            return PeerReceipt.Confirmed;
        }
        // Such a peer answers first and reads then. If it cannot use what it has read it says so behind its first answer, else it closes.
        exchange.Deadline.Expect("the end of the connection", _options.ProgressWithin);
        string lastWords = await exchange.LastWordsAsync(response);
        return lastWords.Length == 0 ? PeerReceipt.Taken : throw exchange.Failed($"read the document and then answered: {lastWords}");
    }

    /// <summary>Fetches the archive of an RRD as a reader gets it, in XML. Whoever gets the stream disposes of it; reading it throws
    /// <see cref="PeerException"/> too.</summary>
    /// <exception cref="PeerException">The peer does not have it, or does not give it.</exception>
    public async Task<Stream> GetArchiveAsync(PeerAddress from, string uuid, CancellationToken cancellationToken)
    {
        string secret = ReadSecret();
        var exchange = new PeerExchange(from, _options, secret, _time, cancellationToken);
        try
        {
            using var request = Request(HttpMethod.Get, from.Uri($"/rrd_unarchive?uuid={Uri.EscapeDataString(uuid)}"), secret);
            request.Headers.TryAddWithoutValidation("accept", "text/xml");
            var response = await exchange.SendAsync(request);
            var body = await response.Content.ReadAsStreamAsync(exchange.Deadline.Token);
            return new PeerDocument(exchange, response, body, MaxDocumentBytes, _options.ProgressWithin);
        }
        catch
        {
            exchange.Dispose();
            throw;
        }
    }

    private string ReadSecret() => _secret.TryRead(out string? secret, out string? trouble) ? secret : throw new PeerException(trouble);

    private HttpRequestMessage Request(HttpMethod method, Uri uri, string? poolSecret)
    {
        var request = new HttpRequestMessage(method, uri);
        request.Headers.TryAddWithoutValidation("user-agent", _userAgent);
        if (poolSecret is not null)
        {
            request.Headers.TryAddWithoutValidation("cookie", "pool_secret=" + poolSecret);
        }
        return request;
    }
}
