using System.Globalization;

namespace CollectorAgent.Protocol;

/// <summary>Floating-point numbers as the writers in the field spell them.</summary>
public static class FloatText
{
    /// <summary>Reads decimal text with or without exponent and underscores, and <c>nan</c>, <c>inf</c>, <c>infinity</c> in any case with an
    /// optional sign.</summary>
    public static bool TryParse(string text, out double number)
    {
        var digits = text.AsSpan().Trim();
        bool isNegative = digits.StartsWith("-");
        var unsigned = isNegative || digits.StartsWith("+") ? digits[1..] : digits;
        if (unsigned.Equals("inf", StringComparison.OrdinalIgnoreCase) || unsigned.Equals("infinity", StringComparison.OrdinalIgnoreCase))
        {
            number = isNegative ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }
        if (unsigned.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            number = double.NaN;
            return true;
        }
        number = double.NaN;
        return unsigned.Length > 0
            && (char.IsAsciiDigit(unsigned[0]) || unsigned[0] == '.')
            && double.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }
}
