using System.Text;
using System.Text.Json;
using Microsoft.Net.Http.Headers;

namespace CollectorAgent.Forwarding;

/// <summary>Reads the message that comes with a connection. See docs/formats/forwarded.md.</summary>
internal static class ForwardedRequestReader
{
    // Message, query, value: nothing that is read lies deeper.
    private const int MaxDepth = 16;
    private const int MaxMethodChars = 16;
    private const int MaxPathChars = 1024;
    private const int MaxHeaderChars = 8 << 10;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = MaxDepth };

    // Of those that the front has no member of its own for.
    private static readonly string[] AdditionalHeaders = [HeaderNames.AcceptEncoding, HeaderNames.IfNoneMatch, HeaderNames.Expect];

    /// <exception cref="ForwardedRequestException">It is no such message.</exception>
    public static ForwardedRequest Read(ReadOnlyMemory<byte> message)
    {
        try
        {
            using var json = JsonDocument.Parse(message, Options);
            return Read(json.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Texts that are no Unicode are found when they are decoded. What the parser says may quote the message, and so a secret.
            throw new ForwardedRequestException("The message is no JSON, or holds text that is no Unicode.", 400);
        }
    }

    private static ForwardedRequest Read(JsonElement message)
    {
        var headers = Headers(message);
        byte[]? body = Text(message, "body") is { } text ? Encoding.UTF8.GetBytes(text) : null;
        return new ForwardedRequest
        {
            Method = Method(message),
            Path = Path(message),
            Query = Texts(message, "query") ?? throw Wrong("query"),
            IsHttp10 = Text(message, "version") == "1.0",
            Headers = headers,
            ContentLength = body?.Length ?? ContentLength(message),
            IsChunked = Text(message, "transfer_encoding") is not null,
            ExpectsContinue = headers.Any(h => h.Key == HeaderNames.Expect && h.Value.Equals("100-continue", StringComparison.OrdinalIgnoreCase)),
            Body = body,
        };
    }

    private static string Method(JsonElement message)
    {
        var member = Member(message, "m") ?? throw Wrong("m");
        // A variant of the front: a name, or the name of an unknown one behind the word Unknown.
        string method = member switch
        {
            { ValueKind: JsonValueKind.String } => member.GetString()!.ToUpperInvariant(),
            { ValueKind: JsonValueKind.Array } when member.GetArrayLength() == 2 && member[1].ValueKind == JsonValueKind.String => member[1].GetString()!,
            _ => throw Wrong("m"),
        };
        return method.Length is > 0 and <= MaxMethodChars && method.All(char.IsAsciiLetter) ? method : throw Wrong("m");
    }

    private static string Path(JsonElement message)
    {
        // Fronts before November 2025 call it uri.
        string? path = Text(message, "path") ?? Text(message, "uri");
        return path is { Length: <= MaxPathChars } && path.StartsWith('/') ? path : throw Wrong("path");
    }

    private static long? ContentLength(JsonElement message) => Member(message, "content_length") switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out long length) && length >= 0 => length,
        _ => throw Wrong("content_length"),
    };

    private static List<KeyValuePair<string, string>> Headers(JsonElement message)
    {
        var headers = new List<KeyValuePair<string, string>>();
        if (Text(message, "accept") is { } accept)
        {
            headers.Add(new(HeaderNames.Accept, accept));
        }
        foreach (var (key, value) in Texts(message, "additional_headers") ?? [])
        {
            if (AdditionalHeaders.FirstOrDefault(h => h.Equals(key, StringComparison.OrdinalIgnoreCase)) is { } name)
            {
                headers.Add(new(name, value));
            }
        }
        // What could not have come in one line of a request was not read from one.
        return headers.All(h => h.Value.Length <= MaxHeaderChars && h.Value.All(c => c is '\t' or (>= ' ' and <= '~'))) ? headers : throw Wrong("a header");
    }

    /// <summary>The members of an object whose values are texts, in order and with repeats; null where there is none.</summary>
    private static List<KeyValuePair<string, string>>? Texts(JsonElement message, string name)
    {
        if (Member(message, name) is not { } member)
        {
            return null;
        }
        return member.ValueKind == JsonValueKind.Object && member.EnumerateObject().All(p => p.Value.ValueKind == JsonValueKind.String)
            ? [.. member.EnumerateObject().Select(p => KeyValuePair.Create(p.Name, p.Value.GetString()!))]
            : throw Wrong(name);
    }

    private static string? Text(JsonElement message, string name) => Member(message, name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Wrong(name),
    };

    private static JsonElement? Member(JsonElement message, string name) =>
        message.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private static ForwardedRequestException Wrong(string member) => new($"The message has no {member} that can be.", 400);
}
