using System.Diagnostics.CodeAnalysis;

namespace CollectorAgent.Rrd.Formats;

/// <summary>The unit of a data source as OpenMetrics names it: in words of ASCII, at the end of the family's name.</summary>
/// <remarks>A symbol that is not known keeps its letters and digits, all of them, or is not named: what is left of a unit without one of
/// them is another unit.</remarks>
internal static class UnitNames
{
    private static readonly Dictionary<string, string> Symbols = new(StringComparer.Ordinal)
    {
        ["(fraction)"] = "ratio",
        ["%"] = "percent",
        ["‰"] = "permille",
        ["B"] = "bytes",
        ["bit"] = "bits",
        ["s"] = "seconds",
        ["sec"] = "seconds",
        ["min"] = "minutes",
        ["h"] = "hours",
        ["d"] = "days",
        ["A"] = "amperes",
        ["V"] = "volts",
        ["VA"] = "volt_amperes",
        ["W"] = "watts",
        ["Wh"] = "watt_hours",
        ["J"] = "joules",
        ["Ω"] = "ohms",
        ["\u2126"] = "ohms",
        ["F"] = "farads",
        ["Hz"] = "hertz",
        ["°C"] = "celsius",
        ["\u2103"] = "celsius",
        ["°F"] = "fahrenheit",
        ["\u2109"] = "fahrenheit",
        ["K"] = "kelvins",
        ["°"] = "degrees",
        ["m"] = "meters",
        ["m²"] = "square_meters",
        ["m³"] = "cubic_meters",
        ["g"] = "grams",
        ["l"] = "liters",
        ["Pa"] = "pascals",
        ["bar"] = "bars",
        ["lx"] = "lux",
        ["cd"] = "candelas",
        ["dB"] = "decibels",
        ["dBm"] = "decibel_milliwatts",
        ["err"] = "errors",
    };

    // Those that a prefix can stand before.
    private static readonly HashSet<string> Prefixable = new(
        ["B", "bit", "s", "sec", "A", "V", "VA", "W", "Wh", "J", "Ω", "\u2126", "F", "Hz", "m", "g", "l", "Pa", "bar"], StringComparer.Ordinal);

    private static readonly (string Symbol, string Name)[] Prefixes =
    [
        ("Ki", "kibi"), ("Mi", "mebi"), ("Gi", "gibi"), ("Ti", "tebi"), ("Pi", "pebi"), ("Ei", "exbi"),
        ("p", "pico"), ("n", "nano"), ("u", "micro"), ("\u00B5", "micro"), ("\u03BC", "micro"), ("m", "milli"), ("c", "centi"), ("d", "deci"),
        ("h", "hecto"), ("k", "kilo"), ("K", "kilo"), ("M", "mega"), ("G", "giga"), ("T", "tera"), ("P", "peta"), ("E", "exa"),
    ];

    private static readonly (string Symbol, string Name)[] Rates = [("/s", "per_second"), ("/min", "per_minute"), ("/h", "per_hour")];

    /// <returns>Empty where the unit has no name.</returns>
    public static string Of(string unit)
    {
        string symbol = unit.Trim();
        foreach (var (suffix, rate) in Rates)
        {
            if (symbol.EndsWith(suffix, StringComparison.Ordinal))
            {
                string counted = symbol[..^suffix.Length].Trim();
                return counted.Length == 0 ? rate : Counted(counted) is { Length: > 0 } name ? $"{name}_{rate}" : "";
            }
        }
        return Counted(symbol);
    }

    private static string Counted(string symbol) =>
        Symbols.TryGetValue(symbol, out string? name) ? name
        : TryPrefixed(symbol, out name) ? name
        : symbol.All(c => char.IsAscii(c) && c != '%') ? Word(symbol)
        : "";

    private static bool TryPrefixed(string symbol, [NotNullWhen(true)] out string? name)
    {
        foreach (var (prefix, word) in Prefixes)
        {
            if (symbol.StartsWith(prefix, StringComparison.Ordinal) && Prefixable.Contains(symbol[prefix.Length..]))
            {
                name = word + Symbols[symbol[prefix.Length..]];
                return true;
            }
        }
        name = null;
        return false;
    }

    private static string Word(string symbol) => string.Concat(symbol.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_')).Trim('_');
}
