using System.Globalization;

namespace CollectorAgent.Benchmarks;

/// <summary>One line of the table.</summary>
/// <param name="Size">What was measured, and how much of it.</param>
/// <param name="Ours">Best of the rounds.</param>
/// <param name="Against">The peer or the limit that stands beside it.</param>
/// <param name="Other">Its best in the same rounds; NaN where it is missing on this machine.</param>
/// <param name="Unit">Anything a second is better when it is more, anything else when it is less.</param>
/// <param name="Noise">Median of our rounds over the best of them, as time: 1 in a quiet moment; NaN where it has no meaning.</param>
internal sealed record Row(string Size, double Ours, string Against, double Other, string Unit, double Noise = double.NaN)
{
    public static string Head =>
        $"| {"benchmark",-9} | {"size",-40} | {"ours",9} | {"peer or limit",-28} | {"theirs",9} | {"ratio",7} | {"unit",-14} | {"noise",5} |\n"
        + "|---|---|---:|---|---:|---:|---|---:|";

    /// <summary>The ratio is ours over theirs.</summary>
    public string Line(string benchmark) =>
        $"| {benchmark,-9} | {Size,-40} | {Text(Ours),9} | {Against,-28} | {Text(Other),9} | {Text(Ours / Other),7} | {Unit,-14} | {Text(Noise),5} |";

    /// <summary>Three digits or more; empty where there is no figure.</summary>
    public static string Text(double value) =>
        double.IsFinite(value)
            ? value.ToString(Math.Abs(value) switch { >= 100 => "#,0", >= 10 => "0.0", >= 0.1 or 0 => "0.00", _ => "0.0000" }, CultureInfo.InvariantCulture)
            : "";
}
