using System.Numerics;

namespace CollectorAgent.Rrd.Tests.Reference;

/// <summary>One data source by its definition: every PDP is worked out from the intervals between samples, and all are kept.</summary>
/// <param name="definition">What it is.</param>
/// <param name="asRrdtoolDoes">Where rrdtool's rules are not ours (docs/engine.md), take rrdtool's.</param>
internal sealed class ReferenceColumn(DataSource definition, bool asRrdtoolDoes = false)
{
    /// <summary>rrdtool 1.7.2 is a unit short.</summary>
    private BigInteger Wrap => BigInteger.Pow(2, 32) - (asRrdtoolDoes ? 1 : 0);

    private readonly List<Interval> _intervals = [];
    private long? _previous;
    private double _stepStart;
    private bool _hasKnownStart;

    /// <summary>What two samples say of the time between them: a rate, a count or the later value; NaN is unknown.</summary>
    private readonly record struct Interval(double From, double To, double Value, bool IsBeyondHeartbeat)
    {
        public double SecondsWithin(double start, double end) => Math.Max(0, Math.Min(To, end) - Math.Max(From, start));
    }

    public DataSource Definition { get; private set; } = definition;

    /// <summary>Whether any PDP was the mean of rates, which rounds.</summary>
    public bool WasWeighted { get; private set; }

    private bool IsWeighted => IsCounting(Definition);

    /// <summary>The known PDPs by step; all others are unknown.</summary>
    public Dictionary<long, double> Pdps { get; } = [];

    /// <summary>The last of the known PDPs; to rrdtool the last step, known or not.</summary>
    public double LastOf(long lastStep, double lastKnown) => asRrdtoolDoes ? Pdps.GetValueOrDefault(lastStep, double.NaN) : lastKnown;

    /// <summary>The steps after which its values began to mean something else: what an unfinished row knew before counts no longer.</summary>
    public List<long> Barriers { get; } = [];

    /// <param name="lastStep">The newest step that is over.</param>
    public void Redefine(DataSource definition, long lastStep)
    {
        if (definition.Type != Definition.Type && !(IsCounting(definition) && IsCounting(Definition)))
        {
            Forget();
            Barriers.Add(lastStep);
        }
        Definition = definition;
    }

    private static bool IsCounting(DataSource definition) => definition.Type is DataSourceType.Derive or DataSourceType.Counter;

    public void Forget()
    {
        _intervals.Clear();
        _previous = null;
    }

    /// <summary>Counts from 0 since the last sample, where there is one.</summary>
    public void Restart() => _previous = IsWeighted && _previous is not null ? 0 : _previous;

    /// <param name="from">The sample before this one, or where the period began.</param>
    /// <param name="hasSampleBefore">Whether it was a sample.</param>
    public void Take(double from, bool hasSampleBefore, double to, long raw, bool known)
    {
        WasWeighted |= IsWeighted;
        bool isBeyondHeartbeat = hasSampleBefore && to - from > Definition.HeartbeatSeconds;
        bool isKnown = known && (Definition.IsInteger || double.IsFinite(BitConverter.Int64BitsToDouble(raw)));
        double value = !isKnown || isBeyondHeartbeat ? double.NaN : Definition.Type switch
        {
            DataSourceType.Gauge => Number(raw),
            DataSourceType.Absolute => _previous is null && !asRrdtoolDoes ? double.NaN : Number(raw),
            _ => _previous is null ? double.NaN : Rate(raw, _previous.Value, to - from),
        };
        _intervals.Add(new Interval(from, to, value, isBeyondHeartbeat));
        _previous = isKnown ? raw : null;
    }

    /// <summary>The PDP of the step that was sampled from start to end.</summary>
    /// <param name="openEnd">Where the first of the steps that end together ends.</param>
    /// <param name="following">How many end with it.</param>
    public double Pdp(double start, double end, double stepSeconds, double openEnd, long following) => Definition.Type switch
    {
        DataSourceType.Gauge => Stored(_intervals[^1].Value),
        DataSourceType.Absolute => Stored(_intervals.Sum(i => i.Value) / (_intervals[^1].To - _intervals[0].From)),
        _ => asRrdtoolDoes ? RrdtoolMean(start, end, stepSeconds, openEnd, following) : Mean(start, end, stepSeconds),
    };

    /// <summary>Forgets what is over; what is left of the last interval counts for the step that begins.</summary>
    public void StartStep(double start)
    {
        _hasKnownStart = !double.IsNaN(_intervals[^1].Value);
        _intervals.RemoveAll(i => !IsWeighted || i.To <= start);
        _stepStart = start;
    }

    /// <summary>The mean of the rates by the time each held; unknown where more than half a step is.</summary>
    private double Mean(double start, double end, double stepSeconds)
    {
        var known = _intervals.Where(i => !double.IsNaN(i.Value)).ToList();
        double knownSeconds = known.Sum(i => i.SecondsWithin(start, end));
        double unknownSeconds = Math.Max(0, end - start) - knownSeconds;
        return knownSeconds <= 0 || unknownSeconds > stepSeconds / 2
            ? double.NaN
            : Clamped(known.Sum(i => i.Value * i.SecondsWithin(start, end)) / knownSeconds);
    }

    /// <summary>The same by the rules of rrdtool, which counts some seconds whole.</summary>
    private double RrdtoolMean(double start, double end, double stepSeconds, double openEnd, long following)
    {
        var last = _intervals[^1];
        if (following > 0 && openEnd - last.From < 1)
        {
            return RrdtoolMean(_stepStart, openEnd + following * stepSeconds, stepSeconds, openEnd + following * stepSeconds, 0);
        }
        double lastSeconds = following > 0 ? Math.Floor(openEnd - last.From) : last.SecondsWithin(start, openEnd);
        if (last.IsBeyondHeartbeat && following == 0)
        {
            return double.NaN;
        }
        if (end > openEnd)
        {
            return last.Value * (openEnd + following * stepSeconds - last.From - lastSeconds) / (following * stepSeconds);
        }
        var before = _intervals.Where(i => i != last && i.SecondsWithin(start, end) > 0).ToList();
        double wholeSeconds = before.Where(i => double.IsNaN(i.Value)).Sum(i => Math.Floor(i.SecondsWithin(start, end)));
        bool isAnyKnown = _hasKnownStart || !double.IsNaN(last.Value) || before.Exists(i => !double.IsNaN(i.Value));
        if (wholeSeconds > stepSeconds / 2 || !isAnyKnown)
        {
            return double.NaN;
        }
        double sum = before.Where(i => !double.IsNaN(i.Value)).Sum(i => i.Value * i.SecondsWithin(start, end));
        return double.IsNaN(last.Value)
            ? sum / (end - start - wholeSeconds - lastSeconds)
            : (sum + last.Value * lastSeconds) / (end - start - wholeSeconds);
    }

    /// <summary>The value as it is kept, or unknown where it may not be.</summary>
    /// <summary>A mean of rates that were all within the bounds: only rounding can have left them.</summary>
    private double Clamped(double value)
    {
        double stored = Definition.Inverse ? 1 - value : value;
        return double.IsFinite(stored) ? Math.Clamp(stored, Definition.Min, Definition.Max) : double.NaN;
    }

    private double Stored(double value)
    {
        double stored = Definition.Inverse ? 1 - value : value;
        return double.IsFinite(stored) && stored >= Definition.Min && stored <= Definition.Max ? stored : double.NaN;
    }

    private double Rate(long raw, long previous, double seconds)
    {
        double rate = (Definition.IsInteger ? IntegerDifference(raw, previous) : Difference(Number(raw), Number(previous))) / seconds;
        double limit = Definition.Inverse ? 1 - Definition.Min : Definition.Max;
        bool isSlightlyOver = Definition.Type == DataSourceType.Derive && !asRrdtoolDoes && rate > limit && rate < 1.05 * limit;
        return isSlightlyOver ? limit : double.IsNaN(Stored(rate)) ? double.NaN : rate;
    }

    private double IntegerDifference(long raw, long previous)
    {
        if (Definition.Type == DataSourceType.Derive)
        {
            return unchecked(raw - previous);
        }
        var difference = new BigInteger((ulong)raw) - (ulong)previous;
        bool isWrap = difference < 0;
        return (ulong)(!isWrap ? difference : difference + Wrap >= 0 ? difference + Wrap : difference + BigInteger.Pow(2, 64));
    }

    private double Difference(double value, double previous)
    {
        double difference = value - previous;
        bool isWrap = Definition.Type == DataSourceType.Counter && difference < 0;
        return !isWrap ? difference : difference + Math.Pow(2, 32) >= 0 ? difference + Math.Pow(2, 32) : difference + Math.Pow(2, 64);
    }

    private double Number(long raw) => !Definition.IsInteger ? BitConverter.Int64BitsToDouble(raw)
        : Definition.Type == DataSourceType.Counter ? (ulong)raw : raw;
}
