using System.Net;
using System.Security.Authentication;
using System.Text;

namespace CollectorAgent.Peers;

/// <summary>One request on a connection of its own, and everything that can go wrong with it in words.</summary>
internal sealed class PeerExchange : IDisposable
{
    // What a peer says beside the document; the rest is not looked at.
    private const int MaxTextBytes = 4096;
    private const int MaxHeaderKilobytes = 16;

    private readonly PeerAddress _peer;
    private readonly PeerOptions _options;
    private readonly PeerTrust _trust;
    private readonly string _secret;
    private readonly SocketsHttpHandler _handler;
    private readonly HttpMessageInvoker _http;
    private readonly CancellationToken _cancellationToken;

    /// <param name="secret">Lets the request in; whatever is said of it has this struck out.</param>
    /// <exception cref="PeerException">There is nothing to check a certificate by.</exception>
    public PeerExchange(PeerAddress peer, PeerOptions options, string secret, TimeProvider time, CancellationToken cancellationToken)
    {
        _peer = peer;
        _options = options;
        _secret = secret;
        _cancellationToken = cancellationToken;
        _trust = new PeerTrust(options, time.GetUtcNow());
        Deadline = new TransferDeadline("a connection", options.ConnectWithin, time, cancellationToken);
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            // A connection that is being made does not end with its request: this ends it, when the deadline has said why.
            ConnectTimeout = 2 * options.ConnectWithin,
            // Nothing is sent before the peer has said that it takes it.
            Expect100ContinueTimeout = Timeout.InfiniteTimeSpan,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
            SslOptions = _trust.Rules(),
            UseCookies = false,
            UseProxy = false,
            PlaintextStreamFilter = (context, _) =>
            {
                Deadline.Expect("an answer", _options.AnswerWithin);
                return ValueTask.FromResult(context.PlaintextStream);
            },
        };
        _http = new HttpMessageInvoker(_handler);
    }

    public TransferDeadline Deadline { get; }

    /// <summary>Sends the request and waits for the head of the answer, whose status is 200.</summary>
    /// <exception cref="PeerException">It is another, or there is none.</exception>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => TellAsync(async () =>
    {
        request.Version = HttpVersion.Version11;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var response = await _http.SendAsync(request, Deadline.Token);
        if (response.StatusCode == HttpStatusCode.OK)
        {
            return response;
        }
        using (response)
        {
            Deadline.Expect("the end of its refusal", _options.AnswerWithin);
            throw new PeerException(Words($"answered {(int)response.StatusCode}: {await FirstLineAsync(response)}"));
        }
    });

    /// <summary>What the peer says from now on until it closes: its first line that is not blank.</summary>
    /// <returns>Empty where it says nothing.</returns>
    public Task<string> LastWordsAsync(HttpResponseMessage response) => TellAsync(() => FirstLineAsync(response));

    /// <summary>Something went wrong, in words that can be shown.</summary>
    public PeerException Failed(string what) => new(Words(what));

    /// <summary>Does a step of the exchange; what goes wrong in it becomes words.</summary>
    public async Task<T> TellAsync<T>(Func<Task<T>> step)
    {
        try
        {
            return await step();
        }
        catch (OperationCanceledException) when (Deadline.IsPassed && !_cancellationToken.IsCancellationRequested)
        {
            throw Failed(Deadline.ToString());
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            // One that closes the connection when its deadline is passed is met by the exception of the closed connection now and then.
            throw Failed(Deadline.IsPassed ? Deadline.ToString() : _trust.Refusal ?? Reason(e));
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
        Deadline.Dispose();
    }

    private async Task<string> FirstLineAsync(HttpResponseMessage response)
    {
        await using var body = await response.Content.ReadAsStreamAsync(Deadline.Token);
        byte[] bytes = new byte[MaxTextBytes];
        int length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, Deadline.Token);
        return Encoding.UTF8.GetString(bytes, 0, length).Split('\n', StringSplitOptions.TrimEntries).FirstOrDefault(l => l.Length > 0, "");
    }

    private static string Reason(Exception e) => e switch
    {
        { InnerException: AuthenticationException tls } => $"TLS failed: {tls.Message}",
        { InnerException: { } inner } => $"{e.Message} {inner.Message}",
        _ => e.Message,
    };

    private string Words(string text) =>
        $"{_peer} {Foreign.Line(text.Replace(Uri.EscapeDataString(_secret), "***", StringComparison.Ordinal).Replace(_secret, "***", StringComparison.Ordinal))}";
}
