using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Rpc;

/// <summary>MessagePack-RPC beside HTTP on one socket: the first byte of a connection says which of them it speaks.</summary>
public sealed class MessagePackEndpoint(SessionMethods methods, TimeProvider time, ILogger<MessagePackEndpoint> log)
{
    // For the first byte, and then for hello.
    private static readonly TimeSpan FirstWordsDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Takes the connections that speak MessagePack-RPC, and hands the others on as they came.</summary>
    public ConnectionDelegate Beside(ConnectionDelegate http) => connection => DispatchAsync(connection, http);

    private async Task DispatchAsync(ConnectionContext connection, ConnectionDelegate http)
    {
        byte? first = await FirstByteAsync(connection);
        if (first is { } code && IsArray(code) && connection.Features.Get<IConnectionSocketFeature>()?.Socket is { AddressFamily: AddressFamily.Unix } socket)
        {
            using var session = new MessagePackSession(connection, socket, methods, FirstWordsDeadline, time, log);
            await session.RunAsync();
        }
        else if (first is not null)
        {
            await http(connection);
        }
    }

    /// <summary>The byte that a connection begins with; it is left unread.</summary>
    /// <returns>Null where there is none, in time.</returns>
    private async Task<byte?> FirstByteAsync(ConnectionContext connection)
    {
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? CancellationToken.None;
        using var deadline = new CancellationTokenSource(FirstWordsDeadline, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, stopping);
        try
        {
            var input = connection.Transport.Input;
            var read = await input.ReadAsync(end.Token);
            byte? first = read.Buffer.IsEmpty ? null : read.Buffer.FirstSpan[0];
            input.AdvanceTo(read.Buffer.Start);
            return first;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    /// <summary>Messages are arrays; no method of HTTP begins with such a byte.</summary>
    private static bool IsArray(byte code) => code is (>= 0x90 and <= 0x9f) or 0xdc or 0xdd;
}
