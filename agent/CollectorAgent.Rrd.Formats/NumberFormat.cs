using System.Globalization;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Numbers as readers of RRD documents expect them.</summary>
public static class NumberFormat
{
    /// <summary>Longest text that <see cref="Format"/> writes.</summary>
    public const int MaxBytes = 32;

    /// <summary>Writes 15 significant digits as C's <c>%.15g</c> does, but <c>0.0</c>, <c>NaN</c>, <c>Infinity</c>, <c>-Infinity</c>.</summary>
    /// <returns>Bytes written.</returns>
    public static int Format(double value, Span<byte> text)
    {
        if (Special(value) is { } special)
        {
            special.CopyTo(text);
            return special.Length;
        }
        int written = 0;
        if (value < 0)
        {
            text[written++] = (byte)'-';
        }
        Span<byte> digits = stackalloc byte[SignificantDigits.Count];
        int exponent = Digits(Math.Abs(value), digits);
        digits = digits[..(digits.LastIndexOfAnyExcept((byte)'0') + 1)];
        return written + (exponent is < -4 or >= SignificantDigits.Count
            ? WriteScientific(digits, exponent, text[written..])
            : WritePlain(digits, exponent, text[written..]));
    }

    /// <summary>Writes the shortest text that reads back as the same double; special values as <see cref="Format"/> does.</summary>
    /// <returns>Bytes written.</returns>
    public static int FormatExact(double value, Span<byte> text)
    {
        if (Special(value) is { } special)
        {
            special.CopyTo(text);
            return special.Length;
        }
        value.TryFormat(text, out int written, "R", CultureInfo.InvariantCulture);
        return written;
    }

    /// <summary>Reads any spelling of a number that documents have had.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out double value)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }
        text = text.Trim();
        value = text is ['-', ..] ? double.NegativeInfinity : double.PositiveInfinity;
        return (text is ['+' or '-', ..] ? text[1..] : text).Equals("inf", StringComparison.OrdinalIgnoreCase);
    }

    private static byte[]? Special(double value) =>
        double.IsNaN(value) ? NaN
        : double.IsPositiveInfinity(value) ? Infinity
        : double.IsNegativeInfinity(value) ? NegativeInfinity
        : value == 0 ? Zero
        : null;

    private static readonly byte[] NaN = "NaN"u8.ToArray();
    private static readonly byte[] Infinity = "Infinity"u8.ToArray();
    private static readonly byte[] NegativeInfinity = "-Infinity"u8.ToArray();
    private static readonly byte[] Zero = "0.0"u8.ToArray();

    /// <summary>Writes the significant digits of a positive value.</summary>
    /// <returns>The power of ten of the first.</returns>
    private static int Digits(double value, Span<byte> digits)
    {
        if (SignificantDigits.TryFind(value, out ulong number, out int exponent))
        {
            number.TryFormat(digits, out _, default, CultureInfo.InvariantCulture);
            return exponent;
        }
        // d.ddddddddddddddE+ddd
        Span<byte> scientific = stackalloc byte[MaxBytes];
        value.TryFormat(scientific, out int length, "E14", CultureInfo.InvariantCulture);
        digits[0] = scientific[0];
        scientific.Slice(2, digits.Length - 1).CopyTo(digits[1..]);
        var exponentText = scientific[(digits.Length + 1 + 1)..length];
        foreach (byte digit in exponentText[1..])
        {
            exponent = exponent * 10 + (digit - '0');
        }
        return exponentText[0] == '-' ? -exponent : exponent;
    }

    private static int WriteScientific(ReadOnlySpan<byte> digits, int exponent, Span<byte> text)
    {
        int written = 0;
        text[written++] = digits[0];
        if (digits.Length > 1)
        {
            text[written++] = (byte)'.';
            digits[1..].CopyTo(text[written..]);
            written += digits.Length - 1;
        }
        text[written++] = (byte)'e';
        text[written++] = (byte)(exponent < 0 ? '-' : '+');
        Math.Abs(exponent).TryFormat(text[written..], out int length, "00", CultureInfo.InvariantCulture);
        return written + length;
    }

    private static int WritePlain(ReadOnlySpan<byte> digits, int exponent, Span<byte> text)
    {
        int written = 0;
        if (exponent < 0)
        {
            text[written++] = (byte)'0';
            text[written++] = (byte)'.';
            text.Slice(written, -exponent - 1).Fill((byte)'0');
            written += -exponent - 1;
            digits.CopyTo(text[written..]);
            return written + digits.Length;
        }
        int whole = Math.Min(digits.Length, exponent + 1);
        digits[..whole].CopyTo(text);
        written = whole;
        text.Slice(written, exponent + 1 - whole).Fill((byte)'0');
        written += exponent + 1 - whole;
        if (digits.Length > whole)
        {
            text[written++] = (byte)'.';
            digits[whole..].CopyTo(text[written..]);
            written += digits.Length - whole;
        }
        return written;
    }
}
