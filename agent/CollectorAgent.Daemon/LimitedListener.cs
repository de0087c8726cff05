using System.Net;
using System.Net.Sockets;
using CollectorAgent.Native;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace CollectorAgent.Daemon;

/// <summary>Accepts the connections of one address within a limit. What it listens with can be replaced while it does.</summary>
internal sealed class LimitedListener(
    EndPoint endpoint, IConnectionListenerFactory factory, ConnectionLimit limit, Action<string, Exception> failed) : IConnectionListener
{
    // Connections that they have accepted go on, so they are disposed of at the end only.
    private readonly List<IConnectionListener> _opened = [];
    private readonly Lock _gate = new();

    // Null at the end: there will be none any more.
    private TaskCompletionSource<IConnectionListener?> _current = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private EndPoint? _bound;
    private bool _isUnbound;

    /// <summary>With the port that the system chose, where the address has none.</summary>
    public EndPoint EndPoint => _bound ?? endpoint;

    /// <summary>Listens, for the first time or once more.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var listener = await factory.BindAsync(endpoint, cancellationToken);
        bool isUnbound;
        lock (_gate)
        {
            _opened.Add(listener);
            _bound = listener.EndPoint;
            isUnbound = _isUnbound;
            _current.TrySetResult(listener);
        }
        if (isUnbound)
        {
            await listener.UnbindAsync(cancellationToken);
        }
    }

    /// <summary>Listens no more until it is opened again. Connections that are open go on.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        IConnectionListener? closed = null;
        lock (_gate)
        {
            if (!_isUnbound && _current.Task.IsCompletedSuccessfully)
            {
                closed = _current.Task.Result;
                _current = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
        if (closed is not null)
        {
            await closed.UnbindAsync(cancellationToken);
        }
    }

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                Task<IConnectionListener?> current;
                lock (_gate)
                {
                    current = _current.Task;
                }
                if (await current.WaitAsync(cancellationToken) is not { } listener)
                {
                    return null;
                }
                if (await listener.AcceptAsync(cancellationToken) is { } connection)
                {
                    if (limit.TryTake(connection, User(connection)))
                    {
                        return connection;
                    }
                    await RefuseAsync(connection);
                }
                else if (IsLast(listener))
                {
                    return null;
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            failed($"the listener on {EndPoint}", e);
            throw;
        }
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        List<IConnectionListener> opened;
        lock (_gate)
        {
            _isUnbound = true;
            _current.TrySetResult(null);
            opened = [.. _opened];
        }
        foreach (var listener in opened)
        {
            await listener.UnbindAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<IConnectionListener> opened;
        lock (_gate)
        {
            opened = [.. _opened];
        }
        foreach (var listener in opened)
        {
            await listener.DisposeAsync();
        }
    }

    /// <summary>Whether no other one takes the place of a listener that has ended.</summary>
    private bool IsLast(IConnectionListener ended)
    {
        lock (_gate)
        {
            return _isUnbound || (_current.Task.IsCompletedSuccessfully && _current.Task.Result == ended);
        }
    }

    /// <summary>Who has connected to the Unix socket, as the kernel says; null where the connection came by another way.</summary>
    private uint? User(ConnectionContext connection)
    {
        if (endpoint is not UnixDomainSocketEndPoint || connection.Features.Get<IConnectionSocketFeature>() is not { } feature)
        {
            return null;
        }
        try
        {
            return PosixSocket.Peer(feature.Socket.SafeHandle).UserId;
        }
        catch (Exception e) when (e is PosixException or ObjectDisposedException)
        {
            // It is gone already, and takes no place of anybody.
            return null;
        }
    }

    private static async Task RefuseAsync(ConnectionContext connection)
    {
        try
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }
}
