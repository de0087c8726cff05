using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CollectorAgent.Rrd;

/// <summary>One sample on its way into a tile: from the state before it to the state after it, and to the PDPs of the steps it ends.</summary>
/// <remarks>
/// Columns are taken eight at a time where all have a value and one before it; others one by one, which comes to the same to the last
/// bit.
/// </remarks>
internal ref struct TileUpdate
{
    /// <summary>A DERIVE that overshoots its maximum by less than this factor is the maximum: its interval was measured short.</summary>
    private const double OvershootFactor = 1.05;

    private const ulong TwoTo32 = 1UL << 32;
    private const double TwoTo64 = 18446744073709551616.0;

    // Eight marks side by side.
    private const ulong AllPresent = 0x0101010101010101;

    private static readonly int Lanes = Vector512<double>.Count;

    public required SampleMoment Moment { get; init; }

    public required ReadOnlySpan<long> Raw { get; init; }

    public required ReadOnlySpan<bool> Known { get; init; }

    public required TileState Before { get; init; }

    public required TileState After { get; init; }

    /// <summary>What the first step comes to that this sample ends; not written where it ends none.</summary>
    public required Span<double> Pdps { get; init; }

    /// <summary>What the steps after that one come to; empty where there are none.</summary>
    public Span<double> Following { get; init; }

    public void Take(ColumnRun run)
    {
        int done = 0;
        bool isCounted = !(Moment.Interval > run.HeartbeatSeconds);
        if (isCounted && Following.IsEmpty && run.Count >= Lanes)
        {
            done = run.Type switch
            {
                DataSourceType.Gauge => TakeGauges(run),
                DataSourceType.Derive when Moment.Covered > 0 => TakeDerives(run),
                _ => 0,
            };
        }
        for (int i = run.Start + done; i < run.Start + run.Count; i++)
        {
            TakeOne(run, i, isCounted);
        }
    }

    /// <returns>How many columns of the run were taken.</returns>
    private int TakeGauges(ColumnRun run)
    {
        var raw = Vectors(Raw, run);
        var previous = Vectors(After.Previous, run);
        var pdps = Moment.Ends ? MemoryMarshal.Cast<double, Vector512<double>>(Pdps.Slice(run.Start, run.Count)) : [];
        var known = Marks(MemoryMarshal.AsBytes(Known), run);
        var present = MemoryMarshal.Cast<byte, ulong>(After.Present.Slice(run.Start, run.Count));
        var lowest = Vector512.Create(run.LowestFinite);
        var highest = Vector512.Create(run.HighestFinite);
        for (int v = 0; v < raw.Length; v++)
        {
            var value = run.IsInteger ? Vector512.ConvertToDouble(raw[v]) : raw[v].AsDouble();
            if (known[v] != AllPresent || !AreFinite(value))
            {
                TakeEight(run, v);
                continue;
            }
            previous[v] = raw[v];
            present[v] = AllPresent;
            if (Moment.Ends)
            {
                pdps[v] = Within(run.Inverse ? Vector512<double>.One - value : value, lowest, highest);
            }
        }
        return raw.Length * Lanes;
    }

    /// <inheritdoc cref="TakeGauges"/>
    private int TakeDerives(ColumnRun run)
    {
        var raw = Vectors(Raw, run);
        var old = Vectors(Before.Previous, run);
        var previous = Vectors(After.Previous, run);
        var accumulatedBefore = Vectors(Before.Accumulated, run);
        var accumulated = Vectors(After.Accumulated, run);
        var pdps = Moment.Ends ? MemoryMarshal.Cast<double, Vector512<double>>(Pdps.Slice(run.Start, run.Count)) : [];
        var unknown = Before.HasUnknownSeconds ? Vectors(Before.UnknownSeconds, run) : [];
        var known = Marks(MemoryMarshal.AsBytes(Known), run);
        var presentBefore = Marks(Before.Present, run);
        var present = MemoryMarshal.Cast<byte, ulong>(After.Present.Slice(run.Start, run.Count));
        var interval = Vector512.Create(Moment.Interval);
        var before = Vector512.Create(Moment.Before);
        var after = Vector512.Create(Moment.After);
        var covered = Vector512.Create(Moment.Covered);
        var lowest = Vector512.Create(run.LowestFinite);
        var highest = Vector512.Create(run.HighestFinite);
        var min = Vector512.Create(run.Min);
        var max = Vector512.Create(run.Max);
        var highestRate = Vector512.Create(run.HighestRate);
        var overshoot = Vector512.Create(run.HighestRate * OvershootFactor);
        for (int v = 0; v < raw.Length; v++)
        {
            var difference = run.IsInteger
                ? Vector512.ConvertToDouble(raw[v] - old[v])
                : raw[v].AsDouble() - old[v].AsDouble();
            var rate = difference / interval;
            var isOver = Vector512.GreaterThan(rate, highestRate) & Vector512.LessThan(rate, overshoot);
            rate = Vector512.ConditionalSelect(isOver, highestRate, rate);
            var stored = Within(run.Inverse ? Vector512<double>.One - rate : rate, lowest, highest);
            bool isPlain = known[v] == AllPresent && presentBefore[v] == AllPresent && Vector512.EqualsAll(stored, stored)
                && (unknown.IsEmpty || Vector512.EqualsAll(unknown[v], Vector512<double>.Zero));
            if (!isPlain)
            {
                TakeEight(run, v);
                continue;
            }
            previous[v] = raw[v];
            present[v] = AllPresent;
            var sum = accumulatedBefore[v] + rate * before;
            if (!Moment.Ends)
            {
                accumulated[v] = sum;
                continue;
            }
            accumulated[v] = Vector512<double>.Zero + rate * after;
            var mean = sum / covered;
            mean = run.Inverse ? Vector512<double>.One - mean : mean;
            pdps[v] = Vector512.ConditionalSelect(
                Vector512.LessThanOrEqual(Vector512.Abs(mean), Vector512.Create(double.MaxValue)), Clamp(mean, min, max), Vector512.Create(double.NaN));
        }
        return raw.Length * Lanes;
    }

    private void TakeEight(ColumnRun run, int vector)
    {
        int first = run.Start + vector * Lanes;
        for (int i = first; i < first + Lanes; i++)
        {
            TakeOne(run, i, isCounted: true);
        }
    }

    private void TakeOne(ColumnRun run, int i, bool isCounted)
    {
        long raw = Raw[i];
        double value = Known[i] ? run.Value(raw) : double.NaN;
        bool hasPrevious = Before.Present[i] != 0;
        double following = double.NaN;
        double unknown = 0;
        switch (run.Type)
        {
            case DataSourceType.Gauge:
                SetPdp(i, following = isCounted ? run.Bounded(value) : double.NaN);
                break;
            case DataSourceType.Absolute:
                // A count that has no reading before it has no interval either.
                double count = Before.Accumulated[i] + (isCounted && hasPrevious ? value : double.NaN);
                SetPdp(i, following = run.Bounded(count / Moment.SinceEnding));
                After.Accumulated[i] = Moment.Ends ? 0 : count;
                break;
            default:
                bool isMeasured = isCounted && hasPrevious && !double.IsNaN(value);
                double rate = isMeasured ? Rate(run, raw, value, Before.Previous[i]) : double.NaN;
                bool isKnown = !double.IsNaN(rate);
                double accumulated = Before.Accumulated[i] + (isKnown ? rate * Moment.Before : 0);
                unknown = Before.Unknown(i) + (isKnown ? 0 : Moment.Before);
                if (Moment.Ends)
                {
                    double pdp = Mean(run, accumulated, unknown);
                    SetPdp(i, pdp);
                    following = Moment.HasFollowingPart ? run.Bounded(rate) : pdp;
                    accumulated = isKnown ? 0 + rate * Moment.After : 0;
                    unknown = isKnown ? 0 : Moment.After;
                }
                After.Accumulated[i] = accumulated;
                break;
        }
        if (!Following.IsEmpty)
        {
            Following[i] = following;
        }
        After.SetUnknown(i, unknown);
        After.Previous[i] = raw;
        After.Present[i] = double.IsNaN(value) ? (byte)0 : (byte)1;
    }

    private void SetPdp(int column, double pdp)
    {
        if (Moment.Ends)
        {
            Pdps[column] = pdp;
        }
    }

    /// <summary>The mean rate of what is known of a step; unknown where more than half a step is not.</summary>
    private double Mean(ColumnRun run, double accumulated, double unknown)
    {
        if (unknown > Moment.HalfStep || unknown >= Moment.Covered)
        {
            return double.NaN;
        }
        double rate = accumulated / (Moment.Covered - unknown);
        double value = run.Inverse ? 1 - rate : rate;
        if (!double.IsFinite(value))
        {
            return double.NaN;
        }
        // Every rate in it was within the bounds: only rounding can have left them.
        value = value > run.Min ? value : run.Min;
        return value < run.Max ? value : run.Max;
    }

    /// <summary>The rate that held between two samples, in the unit of the PDP before the inverse; NaN where it left the bounds.</summary>
    private double Rate(ColumnRun run, long raw, double value, long previousRaw)
    {
        if (run.Type == DataSourceType.Counter)
        {
            double grown = run.IsInteger ? Grown((ulong)raw, (ulong)previousRaw) : Grown(value, run.Value(previousRaw));
            return run.Admits(grown / Moment.Interval) ? grown / Moment.Interval : double.NaN;
        }
        double difference = run.IsInteger ? unchecked(raw - previousRaw) : value - run.Value(previousRaw);
        double rate = difference / Moment.Interval;
        if (rate > run.HighestRate && rate < run.HighestRate * OvershootFactor)
        {
            return run.HighestRate;
        }
        return run.Admits(rate) ? rate : double.NaN;
    }

    /// <summary>How far a counter got; one that went back wrapped at 32 bits where that is enough, else at 64.</summary>
    private static double Grown(ulong value, ulong previous)
    {
        ulong back = previous - value;
        return value < previous && back <= TwoTo32 ? TwoTo32 - back : unchecked(value - previous);
    }

    private static double Grown(double value, double previous)
    {
        double difference = value - previous;
        return difference >= 0 ? difference : difference + TwoTo32 >= 0 ? difference + TwoTo32 : difference + TwoTo64;
    }

    private static Span<Vector512<T>> Vectors<T>(Span<T> values, ColumnRun run)
        where T : struct => MemoryMarshal.Cast<T, Vector512<T>>(values.Slice(run.Start, run.Count));

    private static ReadOnlySpan<Vector512<T>> Vectors<T>(ReadOnlySpan<T> values, ColumnRun run)
        where T : struct => MemoryMarshal.Cast<T, Vector512<T>>(values.Slice(run.Start, run.Count));

    private static ReadOnlySpan<ulong> Marks(ReadOnlySpan<byte> marks, ColumnRun run) =>
        MemoryMarshal.Cast<byte, ulong>(marks.Slice(run.Start, run.Count));

    private static bool AreFinite(Vector512<double> values) =>
        Vector512.LessThanOrEqualAll(Vector512.Abs(values), Vector512.Create(double.MaxValue));

    /// <summary>The values, NaN where they are outside.</summary>
    private static Vector512<double> Within(Vector512<double> values, Vector512<double> lowest, Vector512<double> highest) =>
        Vector512.ConditionalSelect(
            Vector512.GreaterThanOrEqual(values, lowest) & Vector512.LessThanOrEqual(values, highest), values, Vector512.Create(double.NaN));

    private static Vector512<double> Clamp(Vector512<double> values, Vector512<double> min, Vector512<double> max)
    {
        values = Vector512.ConditionalSelect(Vector512.GreaterThan(values, min), values, min);
        return Vector512.ConditionalSelect(Vector512.LessThan(values, max), values, max);
    }
}
