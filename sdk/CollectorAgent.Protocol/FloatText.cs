using System.Globalization;
using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>Floating-point numbers as the writers in the field spell them.</summary>
public static class FloatText
{
    /// <summary>Reads decimal text with or without exponent and underscores, and <c>nan</c>, <c>inf</c>, <c>infinity</c> in any case with an
    /// optional sign.</summary>
    public static bool TryParse(string text, out double number)
    {
        string plain = text.Replace("_", "", StringComparison.Ordinal);
        if (double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
        {
            return true;
        }
        number = plain.Trim().ToLowerInvariant() switch
        {
            "inf" or "+inf" => double.PositiveInfinity,
            "-inf" => double.NegativeInfinity,
            _ => double.NaN,
        };
        return double.IsInfinity(number);
    }

    /// <summary>The same for UTF-8, without a string where the spelling is a usual one.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out double number)
    {
        if (utf8.SequenceEqual("inf"u8) || utf8.SequenceEqual("-inf"u8))
        {
            number = utf8[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }
        return double.TryParse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture, out number) || TryParse(Encoding.UTF8.GetString(utf8), out number);
    }
}
