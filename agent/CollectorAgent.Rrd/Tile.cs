namespace CollectorAgent.Rrd;

/// <summary>The data sources that one plugin reports for one owner, updated together, column beside column.</summary>
/// <remarks>
/// <para>A value means what rrdtool means by it: rates are weighted by the time they held in a step, a step of which more
/// than half is unknown is unknown. Values of GAUGE and ABSOLUTE are not weighted over a step: the sample that ends a step is its value, and
/// that of all steps since the sample before.</para>
/// <para>Everything it knows lies in its memory. Rows are written first, into places that no row which counts lies in; then a state
/// that names them, beside the one that counts until then. So whenever the process ends, the memory holds the tile as it was after one
/// of its updates.</para>
/// <para>Not safe for concurrent use.</para>
/// </remarks>
public sealed partial class Tile
{
    private readonly DataSource[] _columns;
    private readonly ColumnRun[] _runs;
    private readonly TileShape _shape;

    /// <summary>When the last sample that ended a step was taken; counts of ABSOLUTE are since then.</summary>
    private double _lastEndingSample = double.NaN;

    /// <summary>Where what is accumulated begins: the end of the last step, or the sample that ended it early.</summary>
    private double _accumulationStart;

    /// <param name="layout">Shared with the other tiles of the RRD.</param>
    /// <param name="columns">Data sources in the order of their values. Those that differ only in their names stand best together.</param>
    /// <param name="lastStep">The newest step that is over; it and all before it are unknown.</param>
    /// <param name="space">Where its memory comes from; the heap where nothing is said.</param>
    /// <exception cref="ArgumentException">The tile would have more bytes than can be addressed.</exception>
    public Tile(ArchiveLayout layout, IReadOnlyList<DataSource> columns, long lastStep, TileSpace? space = null)
        : this(layout, columns)
    {
        _memory = (space ?? TileSpace.Heap).Allocate(_shape.Length);
        LastStep = lastStep;
        _reportedThrough.AsSpan().Fill(lastStep);
        _accumulationStart = EndOf(lastStep);
        var state = NextState(lastStep, isGap: true);
        for (int kept = 0; kept < layout.KeptStages; kept++)
        {
            state.SetPreparation(kept, NoCopy, 0);
        }
        Commit(state);
    }

    private Tile(ArchiveLayout layout, IReadOnlyList<DataSource> columns)
    {
        Layout = layout;
        _columns = [.. columns];
        _runs = ColumnRun.Of(_columns);
        _shape = layout.ShapeOf(_columns);
        _reportedThrough = new long[_columns.Length];
        _memory = null!;
    }

    private Tile(Tile other)
    {
        Layout = other.Layout;
        Plugin = other.Plugin;
        _columns = other._columns;
        _runs = other._runs;
        _shape = other._shape;
        _reportedThrough = [.. other._reportedThrough];
        _memory = new HeapMemory(other._memory);
        _isOpened = other._isOpened;
        Load(other._copy);
    }

    public ArchiveLayout Layout { get; }

    public IReadOnlyList<DataSource> Columns => _columns;

    /// <summary>Who reports the columns; null where nobody does for now.</summary>
    public string? Plugin { get; set; }

    /// <summary>The RRD has another tile in its place, or none: nothing may be recorded in this one any more.</summary>
    public bool IsReplaced { get; internal set; }

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

    /// <summary>The same tile on the heap.</summary>
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
        double openUntil = Math.Min(time, EndOf(LastStep + 1));
        var moment = new SampleMoment
        {
            Interval = time - LastSampleTime,
            Before = Math.Max(0, openUntil - since),
            After = time - until,
            Covered = openUntil - _accumulationStart,
            SinceEnding = time - _lastEndingSample,
            HalfStep = Layout.StepSeconds / 2.0,
            Ends = ends,
            HasFollowingPart = time > openUntil,
        };
        var state = NextState(throughStep, isGap: false);
        Take(moment, raw, known, state, throughStep);
        LastSampleTime = time;
        if (ends)
        {
            _lastEndingSample = time;
            _accumulationStart = until;
        }
        Commit(state);
        return true;
    }

    /// <summary>Ends the steps up to <paramref name="throughStep"/> as unknown; the next sample starts anew.</summary>
    public void EndUnknown(long throughStep)
    {
        if (throughStep <= LastStep && double.IsNaN(LastSampleTime))
        {
            return;
        }
        var state = NextState(throughStep, isGap: true);
        if (throughStep > LastStep)
        {
            Skip(throughStep, state);
        }
        Forget(state);
        Commit(state);
    }

    /// <summary>Ends the steps up to <paramref name="throughStep"/> as unknown because their sample could not be read. Counters go on
    /// from the sample before it; a count since the last sample has lost its interval.</summary>
    public void MissSample(long throughStep)
    {
        if (throughStep <= LastStep)
        {
            return;
        }
        var state = NextState(throughStep, isGap: true);
        Current.Previous.CopyTo(state.Previous);
        Current.Present.CopyTo(state.Present);
        state.Accumulated.Clear();
        foreach (var run in _runs.AsSpan())
        {
            if (run.Type == DataSourceType.Absolute)
            {
                state.Present.Slice(run.Start, run.Count).Clear();
            }
        }
        Skip(throughStep, state);
        _accumulationStart = EndOf(throughStep);
        Commit(state);
    }

    /// <summary>Forgets the last sample: no interval and no difference leads over this point.</summary>
    public void StartAnew()
    {
        var state = NextState(LastStep, isGap: true);
        Forget(state);
        Commit(state);
    }

    /// <summary>Since the last sample the counters of some columns began anew at 0: what they count by the next one is their growth.
    /// </summary>
    /// <param name="columns">Which; those of other types are as they were.</param>
    public void RestartCounters(ReadOnlySpan<bool> columns)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(columns.Length, _columns.Length);
        var state = NextState(LastStep, isGap: true);
        state.CopyFrom(Current);
        foreach (var run in _runs.AsSpan())
        {
            for (int i = run.Start; i < run.Start + run.Count; i++)
            {
                if (columns[i] && run.Type is DataSourceType.Derive or DataSourceType.Counter)
                {
                    state.Previous[i] = 0;
                }
            }
        }
        Commit(state);
    }

    private void Forget(TileState state)
    {
        LastSampleTime = double.NaN;
        _lastEndingSample = double.NaN;
        _accumulationStart = EndOf(LastStep);
        state.Present.Clear();
        state.Accumulated.Clear();
        state.HasUnknownSeconds = false;
    }

    private double EndOf(long step) => (double)step * Layout.StepSeconds;
}
