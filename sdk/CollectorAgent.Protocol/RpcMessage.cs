namespace CollectorAgent.Protocol;

/// <summary>A message of MessagePack-RPC as it came. See docs/formats/messagepack-rpc.md.</summary>
public readonly ref struct RpcMessage
{
    private readonly MessagePackReader _first;

    private RpcMessage(RpcMessageKind kind, uint id, string method, MessagePackReader first, MessagePackReader second)
    {
        Kind = kind;
        Id = id;
        Method = method;
        _first = first;
        Result = second;
    }

    /// <summary>What it is.</summary>
    public RpcMessageKind Kind { get; }

    /// <summary>The number by which an answer finds its call; 0 in a notice.</summary>
    public uint Id { get; }

    /// <summary>What is called; empty in a response.</summary>
    public string Method { get; }

    /// <summary>Of a request or notice: at its parameters.</summary>
    public MessagePackReader Parameters => _first;

    /// <summary>Of a response: at its error, which is nil where there is none.</summary>
    public MessagePackReader Error => _first;

    /// <summary>Of a response: at its result.</summary>
    public MessagePackReader Result { get; }

    /// <summary>Reads the frame of a message; what it carries is read later.</summary>
    /// <param name="message">One whole message: see <see cref="MessagePackFramer"/>.</param>
    /// <exception cref="MessagePackFormatException">It is none.</exception>
    public static RpcMessage Read(ReadOnlySpan<byte> message)
    {
        var reader = new MessagePackReader(message);
        int count = reader.ReadArrayHeader();
        int number = count > 0 ? reader.ReadInt32() : -1;
        var kind = (RpcMessageKind)number;
        if ((kind, count) is not ((RpcMessageKind.Request or RpcMessageKind.Response, 4) or (RpcMessageKind.Notice, 3)))
        {
            throw new MessagePackFormatException($"an array of {count} values with {number} first is no request, response or notice");
        }
        uint id = kind == RpcMessageKind.Notice ? 0 : reader.ReadUInt32();
        string method = kind == RpcMessageKind.Response ? "" : reader.ReadString();
        var first = reader;
        if (kind == RpcMessageKind.Response)
        {
            reader.Skip();
        }
        return new RpcMessage(kind, id, method, first, reader);
    }
}
