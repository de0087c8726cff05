using System.Net.Sockets;
using CollectorAgent.Protocol;

namespace CollectorAgent.Sdk;

/// <summary>Calls the agent over its Unix socket.</summary>
public sealed class AgentClient : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    // An agent that names a reading further away than this does not know what it says.
    private const double MostSecondsToReading = 3600;

    private readonly HttpClient _http;

    /// <summary>A client that connects with its first call.</summary>
    /// <param name="socketPath"><see cref="AgentPaths.Socket"/>.</param>
    public AgentClient(string socketPath)
    {
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        {
            BaseAddress = new Uri("http://localhost/"),
            Timeout = Deadline,
        };
    }

    /// <summary>Registers the page of a plugin, which must exist; registering again changes nothing.</summary>
    /// <returns>Time until the agent reads the pages next; negative where it is late.</returns>
    /// <exception cref="HttpRequestException">The agent cannot be reached.</exception>
    /// <exception cref="RpcFailureException">The agent refuses.</exception>
    public async Task<TimeSpan> RegisterAsync(string uid, CancellationToken cancellationToken)
    {
        var seconds = await CallAsync(
            RpcMethod.LocalRegister,
            [new(RpcMethod.Uid, uid), new(RpcMethod.Info, RpcMethod.FiveSeconds), new(RpcMethod.Protocol, "V2")],
            cancellationToken);
        return seconds.AsNumber is { } number && Math.Abs(number) <= MostSecondsToReading
            ? TimeSpan.FromSeconds(number)
            : throw new XmlRpcFormatException("the time to the next reading is none");
    }

    /// <summary>Ends the registration of a page; it is no error where there is none.</summary>
    /// <inheritdoc cref="RegisterAsync"/>
    public Task DeregisterAsync(string uid, CancellationToken cancellationToken) =>
        CallAsync(RpcMethod.LocalDeregister, [new(RpcMethod.Uid, uid)], cancellationToken);

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<XmlRpcValue> CallAsync(
        string method, IReadOnlyList<KeyValuePair<string, XmlRpcValue>> arguments, CancellationToken cancellationToken)
    {
        byte[] call = XmlRpc.WriteCall(new XmlRpcCall(method, [new XmlRpcValue.Struct(arguments)]));
        using var content = new ByteArrayContent(call);
        using var response = await _http.PostAsync("/", content, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return RpcReply.Open(XmlRpc.ReadResponse(body));
    }
}
