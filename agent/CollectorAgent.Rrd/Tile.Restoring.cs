namespace CollectorAgent.Rrd;

public sealed partial class Tile
{
    /// <summary>Where a column of a composed tile comes from.</summary>
    /// <param name="Definition">What it is from now on.</param>
    /// <param name="Tile">Who has its history; null where it has none.</param>
    /// <param name="Column">Its place there.</param>
    internal readonly record struct Origin(DataSource Definition, Tile? Tile, int Column);

    /// <summary>Puts a consolidated value in its place, as read from a document; one out of bounds becomes unknown.</summary>
    public void RestoreCell(int rra, long row, int column, double value)
    {
        if (Holds(rra, row))
        {
            _rings[rra].Slot(row)[column] = value >= _lowest[column] && value <= _highest[column] ? value : double.NaN;
        }
    }

    /// <summary>Takes up the unfinished rows of one column.</summary>
    /// <param name="column">Its number.</param>
    /// <param name="scratches">One for each RRA of the layout, in its order.</param>
    public void RestoreScratches(int column, ReadOnlySpan<CdpScratch> scratches)
    {
        for (int rra = 0; rra < scratches.Length; rra++)
        {
            var definition = Layout.Rras[rra];
            ResolutionOf(definition).Restore(column, definition.Function, LastStep, scratches[rra]);
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
    public void RestoreScratch(int column, PdpScratch scratch)
    {
        if (double.IsNaN(LastSampleTime))
        {
            return;
        }
        double elapsed = LastSampleTime - _accumulationStart;
        bool accumulates = _columns[column].Type != DataSourceType.Gauge;
        if (scratch.Previous is { } raw)
        {
            _previous[column] = raw;
            _hasPrevious[column] = true;
            _accumulated[column] = accumulates && double.IsFinite(scratch.Value) ? scratch.Value : 0;
            _unknownSeconds[column] = accumulates ? Math.Clamp(scratch.UnknownSeconds, 0, elapsed) : 0;
        }
        else
        {
            _unknownSeconds[column] = elapsed;
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
                tile._pdps[i] = from._pdps[origin.Column];
            }
            tile.RestoreScratch(i, origin.Tile is not null && origin.Tile == primary
                ? primary.Redefined(origin.Column, origin.Definition)
                : default);
        }
        return tile;
    }

    /// <summary>The unfinished step of a column, as far as it means the same under another definition.</summary>
    private PdpScratch Redefined(int column, DataSource definition)
    {
        var scratch = Scratch(column);
        var old = _columns[column];
        if (old.Type != definition.Type || old.Inverse != definition.Inverse || scratch.Previous is not { } raw)
        {
            return default;
        }
        if (old.IsInteger == definition.IsInteger)
        {
            return scratch;
        }
        double value = Value(old, raw);
        return scratch with { Previous = definition.IsInteger ? (long)value : BitConverter.DoubleToInt64Bits(value) };
    }
}
