using System.Net;
using Microsoft.AspNetCore.Connections;

namespace CollectorAgent.Daemon;

/// <summary>A transport whose connections count against a limit from the moment they are accepted, and whose Unix sockets it
/// opens again if their files are removed.</summary>
/// <param name="failed">Is told, with the name of the listener, when it cannot accept connections any more.</param>
public sealed class LimitedTransport(
    IConnectionListenerFactory inner, ConnectionLimit limit, SocketWatch watch, Action<string, Exception> failed)
    : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => inner is not IConnectionListenerFactorySelector selector || selector.CanBind(endpoint);

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new LimitedListener(endpoint, inner, limit, failed);
        await listener.OpenAsync(cancellationToken);
        watch.Add(endpoint, listener);
        return listener;
    }
}
