namespace CollectorAgent.Rrd;

public sealed partial class Tile
{
    /// <summary>Where a column of a composed tile comes from.</summary>
    /// <param name="Definition">What it is from now on.</param>
    /// <param name="Tile">Who has its history; null where it has none.</param>
    /// <param name="Column">Its place there.</param>
    internal readonly record struct Origin(DataSource Definition, Tile? Tile, int Column);

    /// <summary>How long the unfinished step has been sampled for.</summary>
    private double Elapsed => LastSampleTime > _accumulationStart ? LastSampleTime - _accumulationStart : 0;

    /// <summary>Puts a consolidated value in its place, as read from a document; one that may not be kept becomes unknown.</summary>
    public void RestoreCell(int rra, long row, int column, double value)
    {
        if (Holds(rra, row))
        {
            _rings[rra].Slot(row)[column] = Kept(column, value);
        }
    }

    /// <summary>Takes up the unfinished rows of one column; one with a value that cannot be will be unknown.</summary>
    /// <param name="column">Its number.</param>
    /// <param name="scratches">One for each RRA of the layout, in its order.</param>
    public void RestoreScratches(int column, ReadOnlySpan<CdpScratch> scratches)
    {
        for (int rra = 0; rra < scratches.Length; rra++)
        {
            var definition = Layout.Rras[rra];
            var scratch = scratches[rra];
            if (definition.Function != ConsolidationFunction.Average)
            {
                scratch = scratch with { Value = Kept(column, scratch.Value) };
            }
            ResolutionOf(definition).Restore(column, definition.Function, LastStep, scratch);
        }
        for (int i = _resolutions.Length - 1; i >= 0; i--)
        {
            _resolutions[i].ExcludeFiner(column);
        }
    }

    /// <summary>Takes up the time of the last sample, so that the next one can be measured against it.</summary>
    /// <param name="time">Unix seconds. One that cannot have ended <see cref="LastStep"/>, or lies after the next, is left out: the
    /// tile starts anew.</param>
    public void RestoreSampleTime(double time)
    {
        StartAnew();
        if (time > EndOf(LastStep - 1) && time < EndOf(LastStep + 1))
        {
            LastSampleTime = time;
            _lastEndingSample = time;
            _accumulationStart = Math.Min(time, EndOf(LastStep));
        }
    }

    /// <summary>Takes up the unfinished step of one column, after <see cref="RestoreSampleTime"/>.</summary>
    /// <remarks>A document does not say since when an ABSOLUTE has counted: its next count is taken to be since the last sample, and what
    /// was counted in this step before that is left out.</remarks>
    public void RestoreScratch(int column, PdpScratch scratch)
    {
        if (double.IsNaN(LastSampleTime))
        {
            return;
        }
        _hasPrevious[column] = scratch.Previous is not null;
        _previous[column] = scratch.Previous ?? 0;
        if (_columns[column].Type is DataSourceType.Derive or DataSourceType.Counter)
        {
            bool isUsable = double.IsFinite(scratch.Value);
            _accumulated[column] = isUsable ? scratch.Value : 0;
            _unknownSeconds[column] = isUsable ? Math.Clamp(scratch.UnknownSeconds, 0, Elapsed) : Elapsed;
        }
    }

    /// <summary>A tile of columns that exist in other tiles, or do not exist yet.</summary>
    /// <param name="layout">That of all the tiles.</param>
    /// <param name="lastStep">All tiles have ended this step.</param>
    /// <param name="primary">Whose sample times go on; columns from elsewhere start anew.</param>
    /// <param name="origins">The columns in order.</param>
    internal static Tile Compose(ArchiveLayout layout, long lastStep, Tile? primary, IReadOnlyList<Origin> origins)
    {
        var tile = new Tile(layout, [.. origins.Select(o => o.Definition)], lastStep);
        if (primary is not null)
        {
            tile.LastSampleTime = primary.LastSampleTime;
            tile._lastEndingSample = primary._lastEndingSample;
            tile._accumulationStart = primary._accumulationStart;
        }
        for (int i = 0; i < origins.Count; i++)
        {
            var origin = origins[i];
            if (origin.Tile is { } from)
            {
                for (int rra = 0; rra < tile._rings.Length; rra++)
                {
                    tile._rings[rra].CopyColumn(i, from._rings[rra], origin.Column);
                }
                for (int r = 0; r < tile._resolutions.Length; r++)
                {
                    tile._resolutions[r].Preparation.MergeColumn(i, from._resolutions[r].Preparation, origin.Column);
                }
            }
            if (primary is not null && origin.Tile == primary && primary.GoesOnAs(origin.Column, origin.Definition))
            {
                tile.CopyStep(i, primary, origin.Column);
            }
            else
            {
                tile._unknownSeconds[i] = tile.Elapsed;
            }
        }
        return tile;
    }

    /// <summary>Whether the unfinished step of a column means the same under another definition. What is accumulated is from before
    /// the inverse, which documents do not know.</summary>
    private bool GoesOnAs(int column, DataSource definition) => _columns[column].Type == definition.Type;

    private void CopyStep(int column, Tile from, int fromColumn)
    {
        _hasPrevious[column] = from._hasPrevious[fromColumn];
        _previous[column] = Raw(_columns[column], from._columns[fromColumn], from._previous[fromColumn]);
        _accumulated[column] = from._accumulated[fromColumn];
        _unknownSeconds[column] = from._unknownSeconds[fromColumn];
    }

    /// <summary>A raw value as another definition has it: the integer, or the bits of the double.</summary>
    private static long Raw(DataSource definition, DataSource old, long raw)
    {
        if (old.IsInteger == definition.IsInteger)
        {
            return raw;
        }
        double value = Value(old, raw);
        return !definition.IsInteger ? BitConverter.DoubleToInt64Bits(value)
            : definition.Type == DataSourceType.Counter ? (long)(ulong)value
            : (long)value;
    }

    private double Kept(int column, double value) =>
        double.IsFinite(value) && value >= _lowest[column] && value <= _highest[column] ? value : double.NaN;
}
