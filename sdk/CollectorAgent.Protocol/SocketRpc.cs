namespace CollectorAgent.Protocol;

/// <summary>MessagePack-RPC on the agent's socket: names, limits, and how messages begin. See docs/formats/messagepack-rpc.md.</summary>
public static class SocketRpc
{
    /// <summary>The protocol version that is spoken.</summary>
    public const int ProtocolVersion = 1;

    /// <summary>Longest message, in bytes.</summary>
    public const int MaxMessageBytes = 64 << 10;

    /// <summary>Most arrays and maps in each other, the message included.</summary>
    public const int MaxDepth = 32;

    /// <summary>How often plugins sample, in seconds.</summary>
    public const int StepSeconds = 5;

    /// <summary>Most plugins of one connection.</summary>
    public const int MaxRegistrations = 64;

    /// <summary>Notices in a row that a client may leave on its socket before its connection is closed: a minute's.</summary>
    public const int MostSkippedNotices = 12;

    /// <summary>How long before a reading a plugin is told, in seconds, unless it says otherwise.</summary>
    public const double StandardShiftSeconds = 0.5;

    /// <summary>The longest such time, in seconds.</summary>
    public const double MaxShiftSeconds = 4;

    /// <summary>Says who speaks which version; the first call of a connection.</summary>
    public const string Hello = "hello";

    /// <summary>Registers a plugin for as long as the connection lives.</summary>
    public const string Register = "register";

    /// <summary>Ends a registration.</summary>
    public const string Deregister = "deregister";

    /// <summary>Seconds until the next reading.</summary>
    public const string NextReading = "next_reading";

    /// <summary>What can be counted on while plugins run.</summary>
    public const string Capabilities = "capabilities";

    /// <summary>Asks for <see cref="SrsChanged"/> as long as the connection lives.</summary>
    public const string WatchSrs = "watch_srs";

    /// <summary>The agent's notice of how much of SRs is used, where that has changed; first of all SRs.</summary>
    public const string SrsChanged = "srs_changed";

    /// <summary>Member of <see cref="SrsChanged"/>: the SRs, each with its uuid and its bytes; nil where they are unknown.</summary>
    public const string Srs = "srs";

    /// <summary>The agent's notice that samples are to be published now.</summary>
    public const string Sample = "sample";

    /// <summary>Argument and member: <see cref="ProtocolVersion"/>.</summary>
    public const string Protocol = "protocol";

    /// <summary>Argument: who says hello.</summary>
    public const string Client = "client";

    /// <summary>Member: version of the agent.</summary>
    public const string Agent = "agent";

    /// <summary>Member: <see cref="StepSeconds"/>.</summary>
    public const string Step = "step_seconds";

    /// <summary>Member: the folder of sample pages.</summary>
    public const string Pages = "pages";

    /// <summary>Argument: id of a plugin.</summary>
    public const string Uid = "uid";

    /// <summary>Argument: how long before a reading the notice comes, in seconds.</summary>
    public const string Shift = "negative_shift_seconds";

    /// <summary>Member: where the page of a plugin belongs.</summary>
    public const string Path = "path";

    /// <summary>Member: seconds until the next reading.</summary>
    public const string NextReadingSeconds = "next_reading_seconds";

    /// <summary>Member of <see cref="Sample"/>: seconds until the reading that the notice is about.</summary>
    public const string ReadingIn = "reading_in_seconds";

    /// <summary>Member of <see cref="Sample"/>: end of the step that this reading completes, in Unix seconds.</summary>
    public const string StepEnd = "step_end";

    /// <summary>Member of an error: one of <see cref="RpcError"/>.</summary>
    public const string ErrorCode = "code";

    /// <summary>Member of an error: what it is about.</summary>
    public const string ErrorMessage = "message";

    /// <summary>Begins a request; its parameters follow.</summary>
    public static void BeginRequest(MessagePackWriter writer, uint id, string method)
    {
        writer.WriteArrayHeader(4);
        writer.Write((long)RpcMessageKind.Request);
        writer.Write((long)id);
        writer.Write(method);
    }

    /// <summary>Begins a notice; its parameters follow.</summary>
    public static void BeginNotice(MessagePackWriter writer, string method)
    {
        writer.WriteArrayHeader(3);
        writer.Write((long)RpcMessageKind.Notice);
        writer.Write(method);
    }

    /// <summary>Begins the answer to a call that was done; its result follows.</summary>
    public static void BeginResult(MessagePackWriter writer, uint id)
    {
        BeginResponse(writer, id);
        writer.WriteNil();
    }

    /// <summary>Writes the answer to a call that was not done.</summary>
    /// <param name="code">One of <see cref="RpcError"/>.</param>
    public static void WriteError(MessagePackWriter writer, uint id, string code, string text)
    {
        BeginResponse(writer, id);
        writer.WriteMapHeader(2);
        writer.Write(ErrorCode);
        writer.Write(code);
        writer.Write(ErrorMessage);
        writer.Write(text);
        writer.WriteNil();
    }

    /// <summary>Begins parameters that are named arguments; so many names and values follow.</summary>
    public static void BeginArguments(MessagePackWriter writer, int count)
    {
        writer.WriteArrayHeader(1);
        writer.WriteMapHeader(count);
    }

    private static void BeginResponse(MessagePackWriter writer, uint id)
    {
        writer.WriteArrayHeader(4);
        writer.Write((long)RpcMessageKind.Response);
        writer.Write((long)id);
    }
}
