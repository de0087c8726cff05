namespace CollectorAgent.Forwarding;

/// <summary>A request that a front has read, and hands over with its client's connection. See docs/formats/forwarded.md.</summary>
/// <remarks>Not a record: the query carries session ids and pool secrets, which must not get into a log through its text.</remarks>
public sealed class ForwardedRequest
{
    private const int MaxShown = 64;

    /// <summary>In capitals, as in HTTP.</summary>
    public required string Method { get; init; }

    /// <summary>Begins with a slash; not percent-encoded.</summary>
    public required string Path { get; init; }

    /// <summary>In the order of the request, with repeats; not percent-encoded.</summary>
    public required IReadOnlyList<KeyValuePair<string, string>> Query { get; init; }

    /// <summary>Whether the client speaks HTTP/1.0, which knows no chunks.</summary>
    internal bool IsHttp10 { get; init; }

    /// <summary>Those of the client's headers that an answer depends on.</summary>
    internal IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Null where the client has not said how long the body is.</summary>
    internal long? ContentLength { get; init; }

    internal bool IsChunked { get; init; }

    internal bool ExpectsContinue { get; init; }

    /// <summary>A body that the front has read already; null where it comes from the client.</summary>
    internal byte[]? Body { get; init; }

    /// <summary>Method and path as they may stand in a line of the log.</summary>
    public override string ToString() =>
        $"{Method} {string.Concat(Path.Take(MaxShown).Select(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '_' or '-' ? c : '?'))}";
}
