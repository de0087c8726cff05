using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Forwarding;

/// <summary>Lets the HTTP server listen on a <see cref="ForwardedEndPoint"/>, beside its own transport.</summary>
/// <param name="put">What is done with PUT /rrd: the request, the body, which ends where its document does, and a token. A
/// <see cref="ForwardedRequestException"/> is answered.</param>
public sealed class ForwardedTransport(Func<ForwardedRequest, Stream, CancellationToken, Task> put, TimeProvider time, ILogger<ForwardedTransport> log)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // Fronts that wait for one of the connections that are served at a time.
    private const int Backlog = 128;

    public bool CanBind(EndPoint endpoint) => endpoint is ForwardedEndPoint;

    /// <exception cref="IOException">The path cannot be used.</exception>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        string path = ((ForwardedEndPoint)endpoint).Path;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            // Nobody can connect before it listens.
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            socket.Listen(Backlog);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"{path} cannot be listened on: {e.Message}");
        }
        return ValueTask.FromResult<IConnectionListener>(new ForwardedListener(endpoint, socket, new ForwardedUpload(put, time, log), time, log));
    }
}
