namespace CollectorAgent.Protocol;

/// <summary>Names of metrics and labels.</summary>
internal static class MetricName
{
    /// <summary>How many bytes at the start are a name: a letter or underscore, then digits, too.</summary>
    /// <param name="mayHaveColon">Names of metrics may, those of labels may not.</param>
    public static int Length(ReadOnlySpan<byte> text, bool mayHaveColon)
    {
        int length = 0;
        while (length < text.Length
            && (char.IsAsciiLetter((char)text[length]) || text[length] == '_' || (text[length] == ':' && mayHaveColon)
                || (length > 0 && char.IsAsciiDigit((char)text[length]))))
        {
            length++;
        }
        return length;
    }
}
