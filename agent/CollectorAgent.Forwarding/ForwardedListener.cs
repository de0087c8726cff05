using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using CollectorAgent.Native;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Forwarding;

/// <summary>Takes connections of fronts; each hands one client over, and is closed when that client is served: the front waits for it.</summary>
internal sealed class ForwardedListener : IConnectionListener
{
    /// <summary>So many are served at once; more wait in the backlog.</summary>
    internal const int MaxConnections = 64;

    /// <summary>For the whole message.</summary>
    internal static readonly TimeSpan MessageDeadline = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly ForwardedUpload _upload;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _slots = new(MaxConnections);
    private readonly Channel<ForwardedConnection> _handedOver = Channel.CreateBounded<ForwardedConnection>(MaxConnections);
    private readonly CancellationTokenSource _unbound = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Task _accepting;
    private long _served;

    /// <param name="socket">Listens already; the listener's to dispose of.</param>
    public ForwardedListener(EndPoint endPoint, Socket socket, ForwardedUpload upload, TimeProvider time, ILogger log)
    {
        EndPoint = endPoint;
        _socket = socket;
        _upload = upload;
        _time = time;
        _log = log;
        _accepting = AcceptAllAsync();
    }

    public EndPoint EndPoint { get; }

    /// <summary>The next one for the HTTP server; null when there will be none any more.</summary>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
        await _handedOver.Reader.WaitToReadAsync(cancellationToken) && _handedOver.Reader.TryRead(out var connection) ? connection : null;

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        await _unbound.CancelAsync();
        await _accepting;
        _socket.Dispose();
        _handedOver.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync();
        await _stopped.CancelAsync();
        // Whoever has all slots is the last one here.
        for (int i = 0; i < MaxConnections; i++)
        {
            await _slots.WaitAsync();
        }
        _slots.Dispose();
        _unbound.Dispose();
        _stopped.Dispose();
    }

    private async Task AcceptAllAsync()
    {
        try
        {
            while (true)
            {
                await _slots.WaitAsync(_unbound.Token);
                try
                {
                    // Not awaited here, but by its slot, when the listener ends.
                    _ = ServeAsync(await _socket.AcceptAsync(_unbound.Token));
                }
                catch (Exception e)
                {
                    _slots.Release();
                    if (e is not SocketException)
                    {
                        throw;
                    }
                    Log.CannotAccept(_log, e.Message);
                    await Task.Delay(PauseAfterFailure, _time, _unbound.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_unbound.IsCancellationRequested)
        {
            // The end.
        }
    }

    private async Task ServeAsync(Socket control)
    {
        string request = "unread";
        try
        {
            using (control)
            using (var handOver = await ReceiveAsync(control))
            {
                var forwarded = await ReadAsync(handOver);
                request = forwarded.ToString();
                await ServeAsync(forwarded, handOver.Client);
            }
        }
        catch (ForwardedRequestException e)
        {
            Log.Refused(_log, request, e.Message);
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // The agent ends, and with it the connection.
        }
        catch (OperationCanceledException)
        {
            Log.Refused(_log, request, "It took too long.");
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            Log.Refused(_log, request, e.Message);
        }
        catch (Exception e)
        {
            Log.Failed(_log, request, e);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<HandOver> ReceiveAsync(Socket control)
    {
        // The mode of the socket says so already, but the folder's owner may change that.
        uint user = PosixSocket.Peer(control.SafeHandle).UserId;
        if (user != 0 && user != PosixProcess.UserId)
        {
            throw new ForwardedRequestException($"User {user} may not hand connections over.", 403);
        }
        using var deadline = new CancellationTokenSource(MessageDeadline, _time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _stopped.Token);
        return await HandOver.ReceiveAsync(control, end.Token);
    }

    private async Task<ForwardedRequest> ReadAsync(HandOver handOver)
    {
        try
        {
            return ForwardedRequestReader.Read(handOver.Message);
        }
        catch (ForwardedRequestException e)
        {
            // The front holds the client for handed over: nobody else will answer it.
            await new ClientStream(handOver.Client, default, null, _time, () => { }).WriteAsync(ForwardedAnswers.Page(e.Status, e.Message), _stopped.Token);
            throw;
        }
    }

    private async Task ServeAsync(ForwardedRequest request, Socket client)
    {
        if (ForwardedUpload.Is(request))
        {
            await _upload.AnswerAsync(request, client, _stopped.Token);
            return;
        }
        string id = string.Create(CultureInfo.InvariantCulture, $"forwarded-{Interlocked.Increment(ref _served)}");
        var connection = new ForwardedConnection(id, request, client, _time);
        if (!_handedOver.Writer.TryWrite(connection))
        {
            await connection.DisposeAsync();
            return;
        }
        await connection.Served.WaitAsync(_stopped.Token);
    }
}
