namespace CollectorAgent.Cli;

/// <summary>A line of bars, one for each value.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <param name="values">Scaled between the least and the greatest of them; where one is not finite there is a blank.</param>
    public static string Of(IReadOnlyCollection<double> values)
    {
        var known = values.Where(double.IsFinite).ToList();
        // A range can be larger than any double: everything is halved.
        double min = known.Count == 0 ? 0 : known.Min() / 2;
        double range = known.Count == 0 ? 0 : known.Max() / 2 - min;
        return string.Concat(values.Select(v => double.IsFinite(v) ? Bars[Height(v / 2)] : ' '));

        int Height(double half) => range == 0 ? 0 : (int)Math.Min((half - min) / range * Bars.Length, Bars.Length - 1);
    }
}
