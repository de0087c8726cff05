namespace CollectorAgent.Benchmarks;

/// <summary>How long the same thing took each time, in seconds.</summary>
internal readonly record struct Spread(double Median, double P99, double Max)
{
    public static Spread Of(List<double> seconds)
    {
        List<double> sorted = [.. seconds.Order()];
        return new Spread(sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100], sorted[^1]);
    }
}
