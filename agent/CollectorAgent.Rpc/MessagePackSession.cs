using System.Buffers;
using System.Net.Sockets;
using CollectorAgent.Plugins;
using CollectorAgent.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Rpc;

/// <summary>One connection that speaks MessagePack-RPC: answers its calls in their order, and sends it notices.</summary>
internal sealed class MessagePackSession : IDisposable
{
    private const string Nobody = "a client that has not said hello";

    private readonly ConnectionContext _connection;
    private readonly SessionMethods _methods;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end;

    // Written to directly, not through the server's buffer: so it is known what the socket has not taken.
    private readonly NetworkStream _output;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ArrayBufferWriter<byte> _answer = new();

    // A notice is on its way, and behind it waits the newest one: older ones are left out.
    private readonly Lock _notices = new();
    private Task _sending = Task.CompletedTask;
    private bool _isSending;
    private ReadOnlyMemory<byte>? _waiting;
    private int _skippedNotices;
    private string _client = Nobody;

    /// <param name="helloDeadline">Time in which it has to say hello.</param>
    public MessagePackSession(
        ConnectionContext connection, Socket socket, SessionMethods methods, TimeSpan helloDeadline, TimeProvider time, ILogger log)
    {
        _connection = connection;
        _methods = methods;
        _log = log;
        _output = new NetworkStream(socket, ownsSocket: false);
        _end = new CancellationTokenSource(helloDeadline, time);
        Peer = PeerCredentials.Of(socket);
    }

    public PeerIdentity? Peer { get; }

    public bool HasSaidHello { get; private set; }

    /// <summary>The plugins it holds, and how long before a reading it is told of each. Belongs to <see cref="SocketRegistrations"/>.</summary>
    public Dictionary<string, TimeSpan> Shifts { get; } = new(StringComparer.Ordinal);

    public bool IsAgentStopping { get; private set; }

    /// <summary>Answers calls until the client closes the connection, breaks the contract or the agent stops.</summary>
    public async Task RunAsync()
    {
        var lifetime = _connection.Features.Get<IConnectionLifetimeNotificationFeature>();
        using var stopping = lifetime?.ConnectionClosedRequested.Register(() =>
        {
            IsAgentStopping = true;
            _end.Cancel();
        });
        try
        {
            var messages = new MessagePackStreamReader(_connection.Transport.Input);
            while (await messages.ReadAsync(_end.Token) is { } message)
            {
                if (_methods.ToolstackCall(message.Span, this) is { } call)
                {
                    await AnswerAsync(call);
                }
                else if (!TryAnswer(message.Span))
                {
                    continue;
                }
                await SendAsync(_answer.WrittenMemory);
            }
        }
        catch (MessagePackFormatException e)
        {
            Log.ConnectionClosed(_log, _client, Peer?.Pid, e.Message);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // Closed at the other end, or here: the agent stops, hello did not come in time, or notices were not read.
        }
        finally
        {
            _methods.End(this);
            // A notice may still be on its way.
            await _end.CancelAsync();
            await _sending;
        }
    }

    /// <summary>The client has said who it is, in a version that is spoken.</summary>
    public void SaysHello(string client)
    {
        _client = RpcEndpoint.Printable(client);
        HasSaidHello = true;
        _end.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    /// <summary>Sends a notice, now or when the one before is on the socket: a client that does not read holds nobody up.</summary>
    public void Send(ReadOnlyMemory<byte> notice)
    {
        lock (_notices)
        {
            if (!_isSending)
            {
                _isSending = true;
                _sending = SendNoticesAsync(notice);
                return;
            }
            bool isSkipped = _waiting is not null;
            _waiting = notice;
            if (!isSkipped || ++_skippedNotices != SocketRpc.MostSkippedNotices)
            {
                return;
            }
        }
        Log.ConnectionClosed(_log, _client, Peer?.Pid, $"it did not read its socket while {SocketRpc.MostSkippedNotices} notices were due");
        // Not here and now: what ends with the connection would change who is being told.
        _ = _end.CancelAsync();
    }

    /// <summary>Sends a notice, unless another one is still on its way.</summary>
    public bool TrySend(ReadOnlyMemory<byte> notice)
    {
        lock (_notices)
        {
            if (_isSending)
            {
                return false;
            }
            _isSending = true;
            _sending = SendNoticesAsync(notice);
            return true;
        }
    }

    public void Dispose()
    {
        _output.Dispose();
        _end.Dispose();
    }

    private bool TryAnswer(ReadOnlySpan<byte> bytes)
    {
        var message = RpcMessage.Read(bytes);
        if (message.Kind != RpcMessageKind.Request)
        {
            // There is no notice that the agent takes, and no call of its own that is answered.
            return false;
        }
        try
        {
            _answer.ResetWrittenCount();
            SocketRpc.BeginResult(new MessagePackWriter(_answer), message.Id);
            _methods.Call(message, this, new MessagePackWriter(_answer));
        }
        catch (RpcRequestException e)
        {
            Refuse(message.Id, e.Variant, e.Message);
        }
        catch (Exception e) when (e is PluginProtocolException or MessagePackFormatException)
        {
            Refuse(message.Id, RpcError.InternalError, $"{RpcEndpoint.Printable(message.Method)}: {e.Message}");
        }
        return true;
    }

    /// <summary>Answers a call that may take long; those behind it wait.</summary>
    private async Task AnswerAsync(ToolstackCall call)
    {
        try
        {
            var result = await call.Work(_end.Token);
            _answer.ResetWrittenCount();
            SocketRpc.BeginResult(new MessagePackWriter(_answer), call.Id);
            MessagePackValues.Write(new MessagePackWriter(_answer), result);
        }
        catch (RpcRequestException e)
        {
            Refuse(call.Id, e.Variant, e.Message);
        }
    }

    private void Refuse(uint id, string code, string text)
    {
        _answer.ResetWrittenCount();
        SocketRpc.WriteError(new MessagePackWriter(_answer), id, code, text);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> message)
    {
        await _writing.WaitAsync(_end.Token);
        try
        {
            await _output.WriteAsync(message, _end.Token);
        }
        finally
        {
            _writing.Release();
        }
    }

    private async Task SendNoticesAsync(ReadOnlyMemory<byte> first)
    {
        try
        {
            for (ReadOnlyMemory<byte>? notice = first; notice is not null; notice = TakeWaiting())
            {
                await SendAsync(notice.Value);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The connection is closed; whoever reads from it sees that.
        }
    }

    private ReadOnlyMemory<byte>? TakeWaiting()
    {
        lock (_notices)
        {
            var notice = _waiting;
            _waiting = null;
            _skippedNotices = 0;
            _isSending = notice is not null;
            return notice;
        }
    }
}
