namespace CollectorAgent.Protocol;

/// <summary>The byte order mark that some editors and systems put before text in UTF-8, where it says nothing.</summary>
public static class Utf8Mark
{
    /// <summary>The text without its mark.</summary>
    public static ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> text) => text.StartsWith("\uFEFF"u8) ? text["\uFEFF"u8.Length..] : text;
}
