using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Rpc.Tests;

/// <summary>The other end of the socket, which shows what it hears as text.</summary>
public sealed class TestClient : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly Socket _socket;
    private readonly MessagePackStreamReader _messages;
    private int _lastId;

    private TestClient(Socket socket)
    {
        _socket = socket;
        _messages = new MessagePackStreamReader(PipeReader.Create(new NetworkStream(socket)));
    }

    public static async Task<TestClient> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return new TestClient(socket);
    }

    public static byte[] Request(int id, string method, params (string Name, object? Value)[] arguments) => MessagePackBytes.Written(w =>
        w.Write(new object?[] { 0, id, method, new object?[] { arguments.Select(a => KeyValuePair.Create<object?, object?>(a.Name, a.Value)).ToArray() } }));

    public async Task SendAsync(byte[] bytes) => await _socket.SendAsync(bytes);

    /// <summary>What a call is answered with: the members of its result or error, by name.</summary>
    public async Task<string> CallAsync(string method, params (string Name, object? Value)[] arguments)
    {
        await SendAsync(Request(++_lastId, method, arguments));
        string answer = await NextAsync() ?? "closed";
        string begin = $"1 {_lastId} ";
        Assert.StartsWith(begin, answer, StringComparison.Ordinal);
        return answer[begin.Length..];
    }

    public bool HasUnread => _socket.Available > 0;

    /// <summary>The next message as text: its values with blanks between; null where the connection is closed.</summary>
    public async Task<string?> NextAsync() => await NextBytesAsync() is { Length: > 0 } message ? Shown(message) : null;

    /// <summary>The next message as it came; empty where the connection is closed.</summary>
    public async Task<byte[]> NextBytesAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            return await _messages.ReadAsync(deadline.Token) is { } message ? message.ToArray() : [];
        }
        catch (IOException)
        {
            return [];
        }
    }

    /// <summary>Whether nothing has come, after the agent has answered what was asked last.</summary>
    public async Task<bool> HearsNothingAsync() => await CallAsync("hello", ("protocol", 1), ("client", "test")) is not null && _socket.Available == 0;

    public void Dispose() => _socket.Dispose();

    private static string Shown(ReadOnlySpan<byte> message)
    {
        var reader = new MessagePackReader(message);
        return string.Join(' ', ((object?[])reader.ReadValue()!).Select(Plain));
    }

    private static string Plain(object? value) => value switch
    {
        null => "nil",
        double number => Math.Round(number, 3).ToString(CultureInfo.InvariantCulture),
        object?[] array => string.Join(' ', array.Select(Plain)),
        KeyValuePair<object?, object?>[] map => string.Join(' ', map.Select(p => $"{p.Key}={Plain(p.Value)}")),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };
}
