using System.Globalization;

namespace CollectorAgent.Cli;

/// <summary>Values and spans of time as people read them.</summary>
internal static class ValueText
{
    private const double Kilo = 1024;
    private const string PerSecond = "/s";

    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Four digits and a unit: bytes scaled by 1024, fractions as percent.</summary>
    /// <param name="value">NaN is unknown.</param>
    /// <param name="units">As the plugin names them; may be empty.</param>
    public static string Of(double value, string units)
    {
        if (double.IsNaN(value))
        {
            return "unknown";
        }
        if (units == "(fraction)")
        {
            return $"{Digits(value * 100)} %";
        }
        bool isRate = units.EndsWith(PerSecond, StringComparison.Ordinal);
        int scale = Array.IndexOf(ByteUnits, isRate ? units[..^PerSecond.Length] : units);
        if (scale < 0 || !double.IsFinite(value))
        {
            return $"{Digits(value)} {units}".TrimEnd();
        }
        value *= Math.Pow(Kilo, scale);
        for (scale = 0; Math.Abs(value) >= Kilo && scale < ByteUnits.Length - 1; scale++)
        {
            value /= Kilo;
        }
        return $"{Digits(value)} {ByteUnits[scale]}{(isRate ? PerSecond : "")}";
    }

    /// <summary>Every digit that documents carry, without an exponent; whole numbers without decimals.</summary>
    public static string Exact(double value) =>
        double.IsPositiveInfinity(value) ? "inf"
        : double.IsNegativeInfinity(value) ? "-inf"
        : value.ToString("0.####################", CultureInfo.InvariantCulture);

    /// <summary>An instant, to the second, in UTC.</summary>
    /// <param name="unixSeconds">Between the years 1 and 9999.</param>
    public static string Time(long unixSeconds) =>
        DateTimeOffset.FromUnixTimeSeconds(unixSeconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A span in its two largest units.</summary>
    public static string Span(double seconds)
    {
        long whole = (long)Math.Clamp(Math.Floor(seconds), 0, int.MaxValue);
        FormattableString text = whole switch
        {
            < 60 => $"{whole} s",
            < 3600 => $"{whole / 60} min {whole % 60} s",
            < 86400 => $"{whole / 3600} h {whole / 60 % 60} min",
            _ => $"{whole / 86400} d {whole / 3600 % 24} h",
        };
        return FormattableString.Invariant(text);
    }

    private static string Digits(double value)
    {
        double size = Math.Abs(value);
        string format = size >= 1e15 || (size < 1 && size > 0) ? "G4"
            : size >= 1000 ? "0"
            : size >= 100 ? "0.#"
            : size >= 10 ? "0.##"
            : "0.###";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
