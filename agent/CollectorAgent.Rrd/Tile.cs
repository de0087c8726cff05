namespace CollectorAgent.Rrd;

/// <summary>The data sources that one plugin reports for one owner, updated together, column beside column.</summary>
/// <remarks>
/// <para>A value means what rrdtool means by it: rates are weighted by the time they held in a step, a step of which more
/// than half is unknown is unknown. Values of GAUGE and ABSOLUTE are not weighted over a step: the sample that ends a step is its value, and
/// that of all steps since the sample before.</para>
/// <para>Not safe for concurrent use.</para>
/// </remarks>
public sealed partial class Tile
{
    /// <summary>A DERIVE that overshoots its maximum by less than this factor is the maximum: its interval was measured short.</summary>
    private const double OvershootFactor = 1.05;

    private const ulong TwoTo32 = 1UL << 32;
    private const double TwoTo64 = 18446744073709551616.0;

    private readonly DataSource[] _columns;
    private readonly Ring[] _rings;
    private readonly Resolution[] _resolutions;
    private readonly double[] _lowest;
    private readonly double[] _highest;

    // The step that is not over yet, column beside column.
    private readonly long[] _previous;          // raw bits of the last sample
    private readonly bool[] _hasPrevious;
    private readonly double[] _accumulated;     // DERIVE, COUNTER: rate x seconds; ABSOLUTE: count
    private readonly double[] _unknownSeconds;
    private readonly double[] _pdps;            // what it comes to
    private readonly double[] _following;       // what the steps after it come to that end with it

    /// <summary>Where <see cref="_accumulated"/> begins: the end of the last step, or the sample that ended it early.</summary>
    private double _accumulationStart;

    /// <summary>When the last sample that ended a step was taken; counts of ABSOLUTE are since then.</summary>
    private double _lastEndingSample = double.NaN;

    /// <param name="layout">Shared with the other tiles of the RRD.</param>
    /// <param name="columns">Data sources in the order of their values.</param>
    /// <param name="lastStep">The newest step that is over; it and all before it are unknown.</param>
    public Tile(ArchiveLayout layout, IReadOnlyList<DataSource> columns, long lastStep)
    {
        int count = columns.Count;
        Layout = layout;
        LastStep = lastStep;
        _columns = [.. columns];
        _rings = [.. layout.Rras.Select(r => new Ring(r, count))];
        _resolutions = Resolution.Of(layout, count);
        _lowest = [.. columns.Select(c => c.Min)];
        _highest = [.. columns.Select(c => c.Max)];
        _previous = new long[count];
        _hasPrevious = new bool[count];
        _accumulated = new double[count];
        _unknownSeconds = new double[count];
        _pdps = new double[count];
        _following = new double[count];
        _accumulationStart = (double)lastStep * layout.StepSeconds;
    }

    private Tile(Tile other)
    {
        Layout = other.Layout;
        Plugin = other.Plugin;
        LastStep = other.LastStep;
        LastSampleTime = other.LastSampleTime;
        _columns = [.. other._columns];
        _rings = [.. other._rings.Select(r => r.Clone())];
        _resolutions = Resolution.Clone(other._resolutions);
        _lowest = [.. other._lowest];
        _highest = [.. other._highest];
        _previous = [.. other._previous];
        _hasPrevious = [.. other._hasPrevious];
        _accumulated = [.. other._accumulated];
        _unknownSeconds = [.. other._unknownSeconds];
        _pdps = [.. other._pdps];
        _following = [.. other._following];
        _accumulationStart = other._accumulationStart;
        _lastEndingSample = other._lastEndingSample;
    }

    public ArchiveLayout Layout { get; }

    public IReadOnlyList<DataSource> Columns => _columns;

    /// <summary>Who reports the columns; null where nobody does for now.</summary>
    public string? Plugin { get; set; }

    /// <summary>The newest step that is over; it ends at this number times the step, in Unix seconds.</summary>
    public long LastStep { get; private set; }

    /// <summary>When the newest sample was taken, in Unix seconds; NaN where there is none to measure an interval from.</summary>
    public double LastSampleTime { get; private set; } = double.NaN;

    /// <summary>When anything became known last, in Unix seconds: never before the end of <see cref="LastStep"/>.</summary>
    public double LastUpdated
    {
        get
        {
            double end = EndOf(LastStep);
            return LastSampleTime > end ? LastSampleTime : end;
        }
    }

    public Tile Clone() => new(this);

    /// <summary>Takes one sample of every column.</summary>
    /// <param name="time">When it was taken, in Unix seconds.</param>
    /// <param name="raw">One value a column: the integer, or the bits of the double.</param>
    /// <param name="known">Which of them are values; a double that is not finite is unknown in any case.</param>
    /// <returns>False, and nothing changed, where the sample is not newer than the last one.</returns>
    public bool Update(double time, ReadOnlySpan<long> raw, ReadOnlySpan<bool> known) =>
        Update(time, raw, known, Layout.StepEndedAt(time));

    /// <summary>Takes one sample of every column and ends the steps up to <paramref name="throughStep"/>.</summary>
    /// <param name="throughStep">At least the step that is over at <paramref name="time"/>. A later one ends early: its value is what
    /// is known of it by now, and the rest of it counts for the step after.</param>
    /// <inheritdoc cref="Update(double, ReadOnlySpan{long}, ReadOnlySpan{bool})"/>
    public bool Update(double time, ReadOnlySpan<long> raw, ReadOnlySpan<bool> known, long throughStep)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(raw.Length, _columns.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(known.Length, _columns.Length);
        ArgumentOutOfRangeException.ThrowIfLessThan(throughStep, Layout.StepEndedAt(time));
        bool isFirst = double.IsNaN(LastSampleTime);
        double since = LastSampleTime > _accumulationStart ? LastSampleTime : _accumulationStart;
        bool isNewer = isFirst ? time >= since : time > LastSampleTime && time >= _accumulationStart;
        if (!isNewer)
        {
            return false;
        }
        if (isFirst && throughStep > LastStep + 1)
        {
            // Without a sample before it this one says nothing about the steps before its own.
            EndUnknown(throughStep - 1);
            since = _accumulationStart;
        }

        bool ends = throughStep > LastStep;
        double until = ends ? Math.Min(time, EndOf(throughStep)) : time;
        double interval = time - LastSampleTime;
        double openUntil = Math.Min(time, EndOf(LastStep + 1));
        double before = Math.Max(0, openUntil - since);
        double after = time - until;
        double covered = openUntil - _accumulationStart;
        for (int i = 0; i < _columns.Length; i++)
        {
            var column = _columns[i];
            double value = known[i] ? Value(column, raw[i]) : double.NaN;
            bool isCounted = !(interval > column.HeartbeatSeconds);
            switch (column.Type)
            {
                case DataSourceType.Gauge:
                    _pdps[i] = _following[i] = isCounted ? Bounded(column, value) : double.NaN;
                    break;
                case DataSourceType.Absolute:
                    // A count that has no reading before it has no interval either.
                    _accumulated[i] += isCounted && _hasPrevious[i] ? value : double.NaN;
                    if (ends)
                    {
                        _pdps[i] = _following[i] = Bounded(column, _accumulated[i] / (time - _lastEndingSample));
                        _accumulated[i] = 0;
                    }
                    break;
                default:
                    bool isMeasured = isCounted && _hasPrevious[i] && !double.IsNaN(value);
                    double rate = isMeasured ? Rate(column, raw[i], value, _previous[i], interval) : double.NaN;
                    Accumulate(i, rate, before);
                    if (ends)
                    {
                        _pdps[i] = EndStep(i, covered);
                        _following[i] = time > openUntil ? Bounded(column, rate) : _pdps[i];
                        _accumulated[i] = 0;
                        _unknownSeconds[i] = 0;
                        Accumulate(i, rate, after);
                    }
                    break;
            }
            _previous[i] = raw[i];
            _hasPrevious[i] = !double.IsNaN(value);
        }

        LastSampleTime = time;
        if (ends)
        {
            _lastEndingSample = time;
            _accumulationStart = until;
            Push(throughStep);
        }
        return true;
    }

    /// <summary>Ends the steps up to <paramref name="throughStep"/> as unknown; the next sample starts anew.</summary>
    public void EndUnknown(long throughStep)
    {
        StartAnew();
        if (throughStep > LastStep)
        {
            Skip(throughStep);
            _accumulationStart = EndOf(throughStep);
        }
    }

    /// <summary>Ends the steps up to <paramref name="throughStep"/> as unknown because their sample could not be read. Counters go on
    /// from the sample before it; a count since the last sample has lost its interval.</summary>
    public void MissSample(long throughStep)
    {
        if (throughStep <= LastStep)
        {
            return;
        }
        for (int i = 0; i < _columns.Length; i++)
        {
            _hasPrevious[i] &= _columns[i].Type != DataSourceType.Absolute;
        }
        Array.Clear(_accumulated);
        Array.Clear(_unknownSeconds);
        Skip(throughStep);
        _accumulationStart = EndOf(throughStep);
    }

    /// <summary>Forgets the last sample: no interval and no difference leads over this point.</summary>
    public void StartAnew()
    {
        LastSampleTime = double.NaN;
        _lastEndingSample = double.NaN;
        _accumulationStart = EndOf(LastStep);
        Array.Clear(_hasPrevious);
        Array.Clear(_accumulated);
        Array.Clear(_unknownSeconds);
    }

    private static double Value(DataSource column, long raw)
    {
        if (column.IsInteger)
        {
            return column.Type == DataSourceType.Counter ? (ulong)raw : raw;
        }
        double value = BitConverter.Int64BitsToDouble(raw);
        return double.IsFinite(value) ? value : double.NaN;
    }

    /// <summary>The rate that held between two samples, in the unit of the PDP before the inverse; NaN where it left the bounds.</summary>
    private static double Rate(DataSource column, long raw, double value, long previousRaw, double interval)
    {
        if (column.Type == DataSourceType.Counter)
        {
            double grown = column.IsInteger ? Grown((ulong)raw, (ulong)previousRaw) : Grown(value, Value(column, previousRaw));
            return IsWithin(column, grown / interval) ? grown / interval : double.NaN;
        }
        double difference = column.IsInteger ? unchecked(raw - previousRaw) : value - Value(column, previousRaw);
        double rate = difference / interval;
        double highest = column.Inverse ? 1 - column.Min : column.Max;
        if (rate > highest && rate < highest * OvershootFactor)
        {
            return highest;
        }
        return IsWithin(column, rate) ? rate : double.NaN;
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

    /// <summary>Whether a value may be kept, once it is inverted where that is asked for.</summary>
    private static bool IsWithin(DataSource column, double value)
    {
        double stored = column.Inverse ? 1 - value : value;
        return double.IsFinite(stored) && stored >= column.Min && stored <= column.Max;
    }

    private double EndOf(long step) => (double)step * Layout.StepSeconds;

    private void Accumulate(int column, double rate, double seconds)
    {
        if (double.IsNaN(rate))
        {
            _unknownSeconds[column] += seconds;
        }
        else
        {
            _accumulated[column] += rate * seconds;
        }
    }

    /// <summary>The mean rate of what is known of the step; unknown where more than half a step is not.</summary>
    private double EndStep(int column, double covered)
    {
        double unknown = _unknownSeconds[column];
        if (unknown > Layout.StepSeconds / 2.0 || unknown >= covered)
        {
            return double.NaN;
        }
        double rate = _accumulated[column] / (covered - unknown);
        double value = _columns[column].Inverse ? 1 - rate : rate;
        // Every rate in it was within the bounds: only rounding can have left them.
        return double.IsFinite(value) ? Math.Min(Math.Max(value, _lowest[column]), _highest[column]) : double.NaN;
    }

    private static double Bounded(DataSource column, double value) =>
        !IsWithin(column, value) ? double.NaN : column.Inverse ? 1 - value : value;

    /// <summary>Ends the steps up to <paramref name="throughStep"/> with the PDPs.</summary>
    private void Push(long throughStep)
    {
        Push(_pdps);
        if (LastStep < throughStep && !_following.AsSpan().ContainsAnyExcept(double.NaN))
        {
            Skip(throughStep);
        }
        while (LastStep < throughStep)
        {
            Push(_following);
        }
    }

    private void Push(double[] pdps)
    {
        LastStep++;
        foreach (var resolution in _resolutions)
        {
            resolution.Take(LastStep, pdps, _rings, _lowest, _highest);
        }
        foreach (var resolution in _resolutions)
        {
            resolution.StartRow(LastStep);
        }
    }

    /// <summary>Makes every step up to <paramref name="throughStep"/> unknown, however many they are.</summary>
    private void Skip(long throughStep)
    {
        for (int i = _resolutions.Length - 1; i >= 0; i--)
        {
            _resolutions[i].Skip(LastStep + 1, throughStep, _rings, _lowest, _highest);
        }
        LastStep = throughStep;
    }
}
