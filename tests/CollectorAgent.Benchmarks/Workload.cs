using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>Data sources and values that engine and peers are fed alike: every second one a GAUGE, the others DERIVE.</summary>
internal static class Workload
{
    /// <summary>The samples repeat after this many steps.</summary>
    public const int Cycle = 12;

    /// <summary>Steps in a round: an hour, so that each round finishes as many coarser rows as any other.</summary>
    public const int HourSteps = 720;

    /// <summary>A step at whose end a day begins.</summary>
    public const long FirstStep = 1_800_000_000 / 86_400 * 86_400 / ArchiveLayout.StandardStepSeconds;

    /// <summary>Samples lie this far behind the end of their step: they end one and begin the next.</summary>
    public const double SampleOffsetSeconds = 0.5;

    public static DataSource[] Columns(int count) =>
    [
        .. Enumerable.Range(0, count).Select(i => IsGauge(i)
            ? new DataSource($"gauge_{i}", DataSourceType.Gauge)
            : new DataSource($"derive_{i}", DataSourceType.Derive) { IsInteger = true }),
    ];

    public static bool IsGauge(int column) => column % 2 == 0;

    public static double Gauge(int column, int sample) => Math.Round((column + 1) * 0.37 + sample * 1.13, 2);

    public static long Derive(int column, int sample) => 1_000_000L * (column + 1) + 5_003L * sample;

    /// <summary>Raw values, one array a sample.</summary>
    public static long[][] Samples(int count) =>
    [
        .. Enumerable.Range(0, Cycle).Select(s => Enumerable.Range(0, count).Select(c => Raw(c, s)).ToArray()),
    ];

    private static long Raw(int column, int sample) =>
        IsGauge(column) ? BitConverter.DoubleToInt64Bits(Gauge(column, sample)) : Derive(column, sample);
}
