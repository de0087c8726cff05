using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net.Sockets;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Sdk.Tests;

/// <summary>An agent that answers as it is told, on a real Unix socket.</summary>
internal sealed class TinyAgent : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<Socket, Task> _connections = [];
    private readonly string _path;
    private readonly Task _accepting;

    public TinyAgent(string socket)
    {
        _path = socket;
        Directory.CreateDirectory(Path.GetDirectoryName(socket)!);
        _listener.Bind(new UnixDomainSocketEndPoint(socket));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>Writes the result of a register; by default that the next reading is as long as a step away.</summary>
    public Func<double> NextReading { get; set; } = () => 5;

    /// <summary>The bytes that answer a request, in place of the usual ones where it gives some; an empty answer is none.</summary>
    public Func<string, uint, byte[]?> Instead { get; set; } = (_, _) => null;

    /// <summary>Calls taken, each as its method and its arguments.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Waits until that many calls were taken.</summary>
    public Task CalledAsync(int count) => Wait.UntilAsync(() => Calls.Count >= count, () => $"{count} calls; there are {string.Join(", ", Calls)}");

    /// <summary>Tells all that are connected to publish.</summary>
    public async Task NotifyAsync(double readingIn)
    {
        byte[] notice = Bytes(writer =>
        {
            SocketRpc.BeginNotice(writer, SocketRpc.Sample);
            SocketRpc.BeginArguments(writer, 2);
            writer.Write(SocketRpc.ReadingIn);
            writer.Write(readingIn);
            writer.Write(SocketRpc.StepEnd);
            writer.Write(0L);
        });
        foreach (var connection in _connections.Keys)
        {
            await connection.SendAsync(notice);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        File.Delete(_path);
        await _accepting;
        foreach (var (connection, task) in _connections)
        {
            connection.Dispose();
            await task;
        }
    }

    public static byte[] Refusal(uint id) => Bytes(w => SocketRpc.WriteError(w, id, RpcError.InternalError, "no"));

    private static byte[] Bytes(Action<MessagePackWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new MessagePackWriter(output));
        return output.WrittenSpan.ToArray();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var connection = await _listener.AcceptAsync();
                _connections[connection] = Task.CompletedTask;
                _connections[connection] = ServeAsync(connection);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed.
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            var messages = new MessagePackStreamReader(PipeReader.Create(new NetworkStream(connection)));
            while (await messages.ReadAsync(CancellationToken.None) is { } message)
            {
                byte[] answer = Answer(message.Span);
                await connection.SendAsync(answer);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException)
        {
            // Closed.
        }
        _connections.TryRemove(connection, out _);
        connection.Dispose();
    }

    private byte[] Answer(ReadOnlySpan<byte> bytes)
    {
        var message = RpcMessage.Read(bytes);
        var arguments = NamedValues.OfParameters(message.Parameters);
        string uid = message.Method == SocketRpc.Hello ? arguments.Text(SocketRpc.Client) : arguments.Text(SocketRpc.Uid);
        string more = message.Method switch
        {
            SocketRpc.Hello => $" {arguments.Integer(SocketRpc.Protocol)}",
            SocketRpc.Register => $" {arguments.Number(SocketRpc.Shift)}",
            _ => "",
        };
        byte[] answer = Instead(message.Method, message.Id) ?? Usual(message.Method, message.Id);
        Calls.Enqueue($"{message.Method} {uid}{more}");
        return answer;
    }

    private byte[] Usual(string method, uint id) => Bytes(writer =>
    {
        SocketRpc.BeginResult(writer, id);
        if (method == SocketRpc.Deregister)
        {
            writer.WriteNil();
            return;
        }
        writer.WriteMapHeader(1);
        writer.Write(SocketRpc.NextReadingSeconds);
        writer.Write(NextReading());
    });
}
