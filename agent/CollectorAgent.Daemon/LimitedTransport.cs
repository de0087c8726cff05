using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;

namespace CollectorAgent.Daemon;

/// <summary>A transport whose connections count against a limit from the moment they are accepted.</summary>
/// <param name="failed">Is told, with the name of the listener, when it cannot accept connections any more.</param>
public sealed class LimitedTransport(IConnectionListenerFactory inner, ConnectionLimit limit, Action<string, Exception> failed)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        bool isOutside = endpoint is not UnixDomainSocketEndPoint;
        return new Listener(await inner.BindAsync(endpoint, cancellationToken), limit, failed, isOutside);
    }

    private sealed class Listener(IConnectionListener inner, ConnectionLimit limit, Action<string, Exception> failed, bool isOutside)
        : IConnectionListener
    {
        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                while (await inner.AcceptAsync(cancellationToken) is { } connection)
                {
                    if (limit.TryTake(connection, isOutside))
                    {
                        return connection;
                    }
                    await RefuseAsync(connection);
                }
                return null;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                failed($"the listener on {EndPoint}", e);
                throw;
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => inner.UnbindAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();

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
}
