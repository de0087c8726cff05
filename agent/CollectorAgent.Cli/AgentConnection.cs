using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>Asks one agent, over its Unix socket or over TCP.</summary>
internal sealed class AgentConnection : IDisposable
{
    /// <summary>The longest silence of an agent that counts as being at work.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The longest document that is parsed.</summary>
    public const long MaxDocumentBytes = 256L << 20;

    private const int MaxSentenceBytes = 512;

    // sun_path, with the NUL that ends it.
    private const int MaxSocketPathBytes = 107;

    private readonly HttpClient _client;
    private readonly string _place;
    private readonly string _root;
    private readonly TimeProvider _time;

    private AgentConnection(HttpClient client, string place, string root, TimeProvider time)
    {
        _client = client;
        _place = place;
        _root = root;
        _time = time;
    }

    /// <summary>Where the agent is looked for, as a person would say it.</summary>
    public string Place => _place;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="root">The agent's root; null for the standard one.</param>
    /// <param name="url">An address, in place of a root.</param>
    /// <exception cref="CliException">The two cannot be.</exception>
    public static AgentConnection Create(string? root, string? url, TimeProvider time)
    {
        if (url is null)
        {
            var paths = Resolve(root);
            return new AgentConnection(Client(Connector(paths.Socket), new Uri("http://localhost/")), $"the socket {paths.Socket}", paths.Root, time);
        }
        if (root is not null)
        {
            throw new CliException(ExitCode.Usage, "--root and --url name two agents: leave one of them out.");
        }
        if (!Uri.TryCreate(url.EndsWith('/') ? url : url + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            throw new CliException(ExitCode.Usage, $"--url: '{url}' is no address such as http://127.0.0.1:9780.");
        }
        return new AgentConnection(Client(null, address), url, "", time);
    }

    private static AgentPaths Resolve(string? root)
    {
        if (root is not null && string.IsNullOrWhiteSpace(root))
        {
            // It would mean another agent than whoever gave it had in mind: the host's own.
            throw new CliException(ExitCode.Usage, "--root: the path is empty.");
        }
        try
        {
            var paths = AgentPaths.Resolve(root);
            return Encoding.UTF8.GetByteCount(paths.Socket) <= MaxSocketPathBytes
                ? paths
                : throw new CliException(
                    ExitCode.Usage,
                    $"--root: the socket path {paths.Socket} is longer than {MaxSocketPathBytes} bytes, which no Unix socket can have.");
        }
        catch (DirectoryNotFoundException e)
        {
            throw new CliException(ExitCode.Usage, e.Message, e);
        }
    }

    /// <summary>Gets a document.</summary>
    /// <param name="path">With its query, without the leading slash.</param>
    /// <param name="accept">The type that is wanted.</param>
    /// <param name="maxBytes">The longest answer.</param>
    /// <exception cref="RefusalException">The agent answers with an error.</exception>
    /// <exception cref="CliException">No agent can be reached.</exception>
    public async Task<AnswerStream> GetAsync(string path, string accept, long maxBytes, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd(accept);
        return await SendAsync(request, path, maxBytes, cancellationToken);
    }

    /// <summary>Has the agent do something.</summary>
    /// <returns>What it answers.</returns>
    /// <exception cref="CliException">It cannot be reached, or it refuses.</exception>
    public async Task<XmlRpcValue> CallAsync(XmlRpcCall call, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "") { Content = new ByteArrayContent(XmlRpc.WriteCall(call)) };
        await using var answer = await SendAsync(request, call.Method, XmlRpc.MaxMessageBytes, cancellationToken);
        using var whole = new MemoryStream();
        await answer.CopyToAsync(whole, cancellationToken);
        whole.Position = 0;
        try
        {
            return RpcReply.Open(XmlRpc.ReadResponse(whole));
        }
        catch (RpcFailureException e)
        {
            throw new CliException(ExitCode.BadAnswer, $"{_place} refuses {Printable.Of(e.Message)}", e);
        }
        catch (XmlRpcFormatException e)
        {
            throw NotUnderstood(call.Method, e);
        }
    }

    private async Task<AnswerStream> SendAsync(HttpRequestMessage request, string path, long maxBytes, CancellationToken cancellationToken)
    {
        string what = $"The answer of {_place} to /{path}";
        using var deadline = new CancellationTokenSource(Patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        HttpResponseMessage response;
        try
        {
            response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw Stalled(what, e);
        }
        catch (HttpRequestException e)
        {
            throw e.InnerException is SocketException socket
                ? new CliException(ExitCode.Unreachable, Unreachable(socket.SocketErrorCode, socket.Message), e)
                : new CliException(ExitCode.BadAnswer, $"{what} cannot be read: {e.GetBaseException().Message} Is it an agent, and does it still run?", e);
        }
        var answer = new AnswerStream(response, await response.Content.ReadAsStreamAsync(cancellationToken), what, maxBytes, _time);
        if (!response.IsSuccessStatusCode)
        {
            await using (answer)
            {
                throw new RefusalException(
                    response.StatusCode, $"{_place} refuses /{path} with {(int)response.StatusCode}: {await SentenceAsync(answer, cancellationToken)}");
            }
        }
        return answer;
    }

    /// <summary>Gets a JSON document.</summary>
    /// <exception cref="CliException">No agent can be reached, or it answers something else.</exception>
    public async Task<T> GetJsonAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        await using var answer = await GetAsync(path, "application/json", MaxDocumentBytes, cancellationToken);
        return await ReadJsonAsync(path, answer, type, cancellationToken);
    }

    /// <summary>Reads a JSON document.</summary>
    /// <param name="path">What was asked for.</param>
    /// <exception cref="CliException">It is something else.</exception>
    internal async Task<T> ReadJsonAsync<T>(string path, Stream answer, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            var document = await JsonSerializer.DeserializeAsync(answer, type, cancellationToken) ?? throw new JsonException("it is null");
            return HasEmptyEntry(document) ? throw new JsonException("an entry of a list is null") : document;
        }
        catch (JsonException e)
        {
            throw NotUnderstood(path, e);
        }
    }

    // Types cannot say that a list has no null in it.
    private static bool HasEmptyEntry(object document) => document switch
    {
        AgentStatus status => status.Lists.Any(l => l?.Contains(null) ?? false),
        IEnumerable<object?> list => list.Contains(null),
        _ => false,
    };

    /// <summary>The failure to tell when the answer to <paramref name="path"/> is not what it should be.</summary>
    public CliException NotUnderstood(string path, Exception why) => new(
        ExitCode.BadAnswer, $"The answer of {_place} to /{path} cannot be understood ({why.Message}); is it an agent of another version?", why);

    public static CliException Stalled(string what, Exception inner) =>
        new(ExitCode.Unreachable, $"{what} did not come within {Patience.TotalSeconds} s; is the agent stopped?", inner);

    /// <summary>Why nobody can be reached, and what to do.</summary>
    internal string Unreachable(SocketError error, string message)
    {
        if (_root.Length == 0)
        {
            return $"No agent answers at {_place}: {message}. Start one with 'collector-agent --listen ADDRESS:PORT', or leave out --url to use its socket.";
        }
        string hint = $"Start one with 'collector-agent --root {_root}', or say with --root or --url where one is.";
        return error switch
        {
            SocketError.AccessDenied => $"Not permitted to use {_place}: run collectorctl as the user of the agent, mostly root.",
            SocketError.ConnectionRefused => $"No agent listens on {_place}. {hint}",
            SocketError.AddressNotAvailable => $"There is no agent: {_place} does not exist. {hint}",
            _ => $"No agent answers on {_place}: {message}. {hint}",
        };
    }

    public void Dispose() => _client.Dispose();

    private static HttpClient Client(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect, Uri address)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false };
        if (connect is not null)
        {
            handler.ConnectCallback = connect;
        }
        return new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    }

    private static Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> Connector(string path)
    {
        UnixDomainSocketEndPoint end;
        try
        {
            end = new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentException e)
        {
            throw new CliException(ExitCode.Usage, $"--root: the socket path {path} is longer than any Unix socket's.", e);
        }
        return async (_, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(end, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        };
    }

    /// <summary>The first line of an error's body.</summary>
    private static async Task<string> SentenceAsync(AnswerStream answer, CancellationToken cancellationToken)
    {
        var text = new byte[MaxSentenceBytes];
        int length = await answer.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, cancellationToken);
        string line = Encoding.UTF8.GetString(text, 0, length).Split('\n')[0];
        return line.Length > 0 ? Printable.Of(line) : "it does not say why.";
    }
}
