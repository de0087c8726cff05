using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace CollectorAgent.Http;

/// <summary>Has requests on a Unix socket answered whatever their Host says, or without one.</summary>
/// <remarks>Whoever can connect there has named the agent by the path. Clients put that path there, nothing, or what a library makes of it,
/// and servers that read the header refuse them.</remarks>
public static class HostHeaders
{
    /// <summary>Reads the requests of each connection before the server does.</summary>
    public static ConnectionDelegate Replace(ConnectionDelegate http) => connection => ReplaceAsync(connection, http);

    private static async Task ReplaceAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        var transport = connection.Transport;
        var requests = new Pipe(new PipeOptions(useSynchronizationContext: false));
        connection.Transport = new Transport(requests.Reader, transport.Output);
        var filtering = new HostHeaderFilter(transport.Input, requests.Writer).RunAsync();
        try
        {
            await http(connection);
        }
        finally
        {
            await requests.Reader.CompleteAsync();
            transport.Input.CancelPendingRead();
            await filtering;
            connection.Transport = transport;
        }
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
