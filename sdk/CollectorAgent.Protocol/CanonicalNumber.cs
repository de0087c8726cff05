using System.Globalization;

namespace CollectorAgent.Protocol;

/// <summary>Bounds of buckets and quantiles as OpenMetrics text spells them: <c>1.0</c>, <c>0.25</c>, <c>1e+06</c>, <c>1e-05</c>, <c>+Inf</c>.</summary>
/// <remarks>They are labels: the text and the protobuf of the same metrics must agree on them to the letter.</remarks>
internal static class CanonicalNumber
{
    public const int MaxLength = 32;

    /// <returns>How many bytes were written.</returns>
    public static int Write(double number, Span<byte> utf8)
    {
        Span<char> text = stackalloc char[MaxLength];
        int length = Write(number, text);
        for (int i = 0; i < length; i++)
        {
            utf8[i] = (byte)text[i];
        }
        return length;
    }

    private static int Write(double number, Span<char> text)
    {
        if (!double.IsFinite(number))
        {
            string name = double.IsNaN(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
            name.CopyTo(text);
            return name.Length;
        }
        double size = Math.Abs(number);
        if (size is 0 or (>= 1e-4 and < 1e6))
        {
            number.TryFormat(text, out int length, "R", CultureInfo.InvariantCulture);
            if (!text[..length].Contains('.'))
            {
                ".0".CopyTo(text[length..]);
                length += 2;
            }
            return length;
        }
        // All digits that there are: as many as the shortest text that reads back as the number.
        for (int digits = 0; ; digits++)
        {
            string shown = number.ToString(string.Create(CultureInfo.InvariantCulture, $"e{digits}"), CultureInfo.InvariantCulture);
            if (digits == 16 || double.Parse(shown, CultureInfo.InvariantCulture) == number)
            {
                // The exponent of .NET has three digits at least, that of OpenMetrics two.
                int e = shown.IndexOf('e', StringComparison.Ordinal) + 2;
                shown = shown[e] == '0' ? shown.Remove(e, 1) : shown;
                shown.CopyTo(text);
                return shown.Length;
            }
        }
    }
}
