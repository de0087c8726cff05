using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using CollectorAgent.Protocol;

namespace CollectorAgent.Sdk;

/// <summary>A connection to the agent over its Unix socket: calls it, and hears when to publish. The registrations of a connection end
/// with it.</summary>
/// <remarks>Not for concurrent use: one call or wait at a time. Every method throws <see cref="IOException"/> where the agent is gone or
/// silent for <see cref="Deadline"/>, <see cref="RpcFailureException"/> where it refuses, and <see cref="MessagePackFormatException"/>
/// where what it says cannot be understood; after the first and the last the connection is of no use any more.</remarks>
public sealed class AgentClient : IDisposable
{
    /// <summary>An agent that says nothing for as long as this counts as gone: two steps.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    // An agent that names a reading further away than this does not know what it says.
    private const double MostSecondsToReading = 3600;

    private readonly TimeProvider _time;
    private readonly NetworkStream _stream;
    private readonly MessagePackStreamReader _messages;
    private readonly ArrayBufferWriter<byte> _request = new();
    private uint _lastId;

    // The reading of a notice that came while an answer was waited for.
    private TimeSpan? _noticed;

    private AgentClient(Socket socket, TimeProvider time)
    {
        _time = time;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _messages = new MessagePackStreamReader(PipeReader.Create(_stream));
    }

    /// <summary>Connects and says hello.</summary>
    /// <param name="socketPath"><see cref="AgentPaths.Socket"/>.</param>
    /// <param name="name">Who says hello: the agent's log names it.</param>
    /// <param name="time">Clock for deadlines.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<AgentClient> ConnectAsync(string socketPath, string name, TimeProvider time, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException(e.Message, e);
        }
        var agent = new AgentClient(socket, time);
        try
        {
            var writer = agent.Begin(SocketRpc.Hello, 2);
            writer.Write(SocketRpc.Protocol);
            writer.Write((long)SocketRpc.ProtocolVersion);
            writer.Write(SocketRpc.Client);
            writer.Write(name);
            await agent.CallAsync(cancellationToken);
            return agent;
        }
        catch
        {
            agent.Dispose();
            throw;
        }
    }

    /// <summary>Registers a plugin, whose page need not be there yet; registering again changes the shift only.</summary>
    /// <param name="uid">Id of the plugin.</param>
    /// <param name="negativeShift">How long before each reading the notice comes, 0 to 4 s.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Time until the agent reads the pages next.</returns>
    public async Task<TimeSpan> RegisterAsync(string uid, TimeSpan negativeShift, CancellationToken cancellationToken)
    {
        var writer = Begin(SocketRpc.Register, 2);
        writer.Write(SocketRpc.Uid);
        writer.Write(uid);
        writer.Write(SocketRpc.Shift);
        writer.Write(negativeShift.TotalSeconds);
        var answer = await CallAsync(cancellationToken);
        return UntilReading(new NamedValues(RpcMessage.Read(answer.Span).Result), SocketRpc.NextReadingSeconds);
    }

    /// <summary>Ends the registration of a plugin; it is no error where there is none.</summary>
    public Task DeregisterAsync(string uid, CancellationToken cancellationToken)
    {
        var writer = Begin(SocketRpc.Deregister, 1);
        writer.Write(SocketRpc.Uid);
        writer.Write(uid);
        return CallAsync(cancellationToken);
    }

    /// <summary>Waits for the notice that samples are to be published now.</summary>
    /// <returns>Time until the agent reads them; negative where the notice is late.</returns>
    public Task<TimeSpan> NextSampleAsync(CancellationToken cancellationToken) => InTimeAsync(
        async token =>
        {
            while (_noticed is null)
            {
                var message = await NextMessageAsync(token);
                IsAnswer(message.Span);
            }
            var reading = _noticed.Value;
            _noticed = null;
            return reading;
        },
        cancellationToken);

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _stream.Dispose();

    private MessagePackWriter Begin(string method, int arguments)
    {
        _request.ResetWrittenCount();
        var writer = new MessagePackWriter(_request);
        SocketRpc.BeginRequest(writer, ++_lastId, method);
        SocketRpc.BeginArguments(writer, arguments);
        return writer;
    }

    /// <summary>Sends the request that was begun and waits for its answer.</summary>
    private Task<ReadOnlyMemory<byte>> CallAsync(CancellationToken cancellationToken) => InTimeAsync(
        async token =>
        {
            await _stream.WriteAsync(_request.WrittenMemory, token);
            ReadOnlyMemory<byte> message;
            do
            {
                message = await NextMessageAsync(token);
            }
            while (!IsAnswer(message.Span));
            return message;
        },
        cancellationToken);

    private async Task<ReadOnlyMemory<byte>> NextMessageAsync(CancellationToken cancellationToken) =>
        await _messages.ReadAsync(cancellationToken) ?? throw new IOException("the agent has closed the connection");

    private async Task<T> InTimeAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Deadline, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await work(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the agent has been silent for {Deadline.TotalSeconds:0} s", e);
        }
    }

    /// <summary>Whether it is the answer to the last request; a notice is kept, anything else is none of ours.</summary>
    private bool IsAnswer(ReadOnlySpan<byte> bytes)
    {
        var message = RpcMessage.Read(bytes);
        if (message is { Kind: RpcMessageKind.Notice, Method: SocketRpc.Sample })
        {
            _noticed = UntilReading(NamedValues.OfParameters(message.Parameters), SocketRpc.ReadingIn);
        }
        if (message.Kind != RpcMessageKind.Response || message.Id != _lastId)
        {
            return false;
        }
        var error = message.Error;
        if (!error.TryReadNil())
        {
            var members = new NamedValues(error);
            throw new RpcFailureException(members.Text(SocketRpc.ErrorCode), members.Text(SocketRpc.ErrorMessage));
        }
        return true;
    }

    private static TimeSpan UntilReading(NamedValues values, string name)
    {
        double seconds = values.Number(name);
        return Math.Abs(seconds) <= MostSecondsToReading
            ? TimeSpan.FromSeconds(seconds)
            : throw new MessagePackFormatException($"'{name}' is no time to a reading");
    }
}
