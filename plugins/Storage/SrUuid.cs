namespace CollectorAgent.Storage;

/// <summary>The uuid of an SR as it stands in names of folders and volume groups.</summary>
public static class SrUuid
{
    /// <summary>Reads one of 36 characters, in any case.</summary>
    /// <param name="uuid">In lower case.</param>
    public static bool TryParse(ReadOnlySpan<char> text, out string uuid)
    {
        bool isOne = Guid.TryParseExact(text, "D", out var value);
        uuid = isOne ? value.ToString("D") : "";
        return isOne;
    }
}
