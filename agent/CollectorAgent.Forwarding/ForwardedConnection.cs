using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CollectorAgent.Forwarding;

/// <summary>A connection as the HTTP server wants it, of one request and its client.</summary>
/// <remarks>What the server reads is a request line without any foreign text but the method, and of one request only;
/// <see cref="ForwardedRequests"/> gives the request its path, query and headers. So nothing in a message can pass for a second request, and
/// limits of the server's parser do not hold for what another has parsed. It has no socket feature: it never passes for the agent's own
/// socket.</remarks>
internal sealed class ForwardedConnection : ConnectionContext, IDuplexPipe
{
    private readonly Socket _client;
    // Never disposed of: it holds nothing, and an Abort may come late.
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _served = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="client">Disposed of by whoever made the connection, after <see cref="Served"/>.</param>
    public ForwardedConnection(string id, ForwardedRequest request, Socket client, TimeProvider time)
    {
        ConnectionId = id;
        ConnectionClosed = _closed.Token;
        _client = client;
        var stream = new ClientStream(client, First(request), null, time, () => Abort(new ConnectionAbortedException("The client is gone.")));
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        Transport = this;
        Features.Set(request);
    }

    public override string ConnectionId { get; set; }

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new ConnectionItems();

    public override IDuplexPipe Transport { get; set; }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>Ends when the server needs the connection no more.</summary>
    public Task Served => _served.Task;

    public override void Abort(ConnectionAbortedException abortReason)
    {
        // Ends whatever waits for the client.
        _client.Dispose();
        // On another thread: what hears of it may be long, and the caller be the server's clock.
        _ = _closed.CancelAsync();
    }

    public override ValueTask DisposeAsync()
    {
        _served.TrySetResult();
        return base.DisposeAsync();
    }

    private static byte[] First(ForwardedRequest request)
    {
        // Of other methods a body is not read.
        string length = HttpMethods.IsPost(request.Method)
            ? string.Create(CultureInfo.InvariantCulture, $"Content-Length: {request.ContentLength ?? 0}\r\n")
            : "";
        string head = $"{request.Method} / HTTP/1.{(request.IsHttp10 ? 0 : 1)}\r\nHost: localhost\r\nConnection: close\r\n{length}\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. HttpMethods.IsPost(request.Method) ? request.Body ?? [] : []];
    }
}
