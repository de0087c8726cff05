namespace CollectorAgent.Protocol;

/// <summary>The bare <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> that Python writes and JSON does not know.</summary>
internal static class BareNumbers
{
    private const int QuotesOfOne = 2;

    /// <summary>How long the text becomes by quotes round its bare numbers: as long as it is where it has none.</summary>
    public static int QuotedLength(ReadOnlySpan<byte> json)
    {
        int length = json.Length;
        // Most writers have none, and a search for a word is many times faster than a walk.
        if (json.IndexOf("NaN"u8) < 0 && json.IndexOf("Infinity"u8) < 0)
        {
            return length;
        }
        for (var bare = Next(json, 0); bare.Length > 0; bare = Next(json, bare.Start + bare.Length))
        {
            length += QuotesOfOne;
        }
        return length;
    }

    /// <summary>Copies the text and puts quotes round its bare numbers.</summary>
    /// <param name="quoted">Filled to <see cref="QuotedLength"/>.</param>
    public static void Quote(ReadOnlySpan<byte> json, Span<byte> quoted)
    {
        int copied = 0;
        for (var bare = Next(json, 0); bare.Length > 0; bare = Next(json, copied))
        {
            json[copied..bare.Start].CopyTo(quoted);
            quoted = quoted[(bare.Start - copied)..];
            quoted[0] = (byte)'"';
            json.Slice(bare.Start, bare.Length).CopyTo(quoted[1..]);
            quoted[bare.Length + 1] = (byte)'"';
            quoted = quoted[(bare.Length + QuotesOfOne)..];
            copied = bare.Start + bare.Length;
        }
        json[copied..].CopyTo(quoted);
    }

    /// <summary>The next bare number; of length 0 where there is none.</summary>
    /// <param name="start">A place outside of strings.</param>
    private static (int Start, int Length) Next(ReadOnlySpan<byte> json, int start)
    {
        while (true)
        {
            int found = json[start..].IndexOfAny((byte)'"', (byte)'N', (byte)'I');
            if (found < 0)
            {
                return (json.Length, 0);
            }
            start += found;
            if (json[start] == '"')
            {
                start = EndOfString(json, start + 1);
                continue;
            }
            if (json[start..].StartsWith("NaN"u8))
            {
                return (start, "NaN"u8.Length);
            }
            if (json[start..].StartsWith("Infinity"u8))
            {
                int sign = start > 0 && json[start - 1] == '-' ? 1 : 0;
                return (start - sign, sign + "Infinity"u8.Length);
            }
            start++;
        }
    }

    /// <summary>The place behind the quote that ends a string.</summary>
    private static int EndOfString(ReadOnlySpan<byte> json, int start)
    {
        while (true)
        {
            int found = json[start..].IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0)
            {
                return json.Length;
            }
            start += found + 1;
            if (json[start - 1] == '"')
            {
                return start;
            }
            // What is escaped ends no string.
            start = Math.Min(start + 1, json.Length);
        }
    }
}
