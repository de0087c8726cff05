namespace CollectorAgent.Cli;

/// <summary>A line of bars, one for each value.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <param name="values">Scaled between the least and the greatest of them; where one is not finite there is a blank.</param>
    public static string Of(IReadOnlyCollection<double> values)
    {
        var known = values.Where(double.IsFinite).ToList();
        double min = known.Count == 0 ? 0 : known.Min();
        double range = known.Count == 0 ? 0 : known.Max() - min;
        return string.Concat(values.Select(v => !double.IsFinite(v) ? ' ' : Bars[Height(v)]));

        // A range can be infinite: the values are halved first.
        int Height(double v) => range == 0 ? 0 : (int)Math.Clamp((v / 2 - min / 2) / (range / 2) * Bars.Length, 0, Bars.Length - 1);
    }
}
