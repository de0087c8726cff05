using System.Buffers.Binary;

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

    /// <summary>Puts one row of an RRA in its place, as read from a document; a value that may not be kept becomes unknown.</summary>
    /// <param name="values">One a column.</param>
    public void RestoreRow(int rra, long row, ReadOnlySpan<double> values)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, _columns.Length);
        double[] kept = [.. values];
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] = Kept(i, kept[i]);
        }
        Put(rra, row, kept);
    }

    /// <summary>Takes up the unfinished rows of all columns; one with a value that cannot be will be unknown.</summary>
    /// <param name="scratches">For each column, one for each RRA of the layout; null where nothing is known of the column.</param>
    public void RestorePreparations(IReadOnlyList<CdpScratch[]?> scratches)
    {
        ReservePreparations();
        var state = ContinuedState();
        // Finest first: what a finer stage holds must be known to take it out of a coarser one.
        Span<double> memory = stackalloc double[2 * MostSections];
        foreach (var stage in Layout.Stages.Where(s => s.IsKept))
        {
            int copy = Target(stage, state);
            var preparation = PreparationOf(stage, copy);
            preparation.Reset();
            for (int column = 0; column < _columns.Length; column++)
            {
                if (scratches[column] is not { } known)
                {
                    continue;
                }
                foreach (int rra in stage.Rras)
                {
                    var scratch = Layout.Rras[rra].Function == ConsolidationFunction.Average
                        ? known[rra]
                        : known[rra] with { Value = Kept(column, known[rra].Value) };
                    preparation.Restore(column, Layout.Rras[rra], (int)(LastStep % stage.PdpPerCdp), scratch);
                }
                if (stage.Finer is { } finer)
                {
                    preparation.Exclude(column, Unfinished(finer, column, 1, memory, state), 0);
                }
            }
            state.SetPreparation(stage.KeptIndex, copy, Checksum.Of(PreparationBytes(stage, copy)));
        }
        Commit(state);
    }

    /// <summary>Takes up the last sample of all columns, so that the next one can be measured against it.</summary>
    /// <remarks>A document does not say since when an ABSOLUTE has counted: its next count is taken to be since the last sample, and what
    /// was counted in this step before that is left out.</remarks>
    /// <param name="time">Unix seconds. One that cannot have ended <see cref="LastStep"/>, or lies after the next, is left out: the
    /// tile starts anew.</param>
    /// <param name="scratches">One for each column.</param>
    public void RestoreSample(double time, IReadOnlyList<PdpScratch> scratches)
    {
        StartAnew();
        if (!(time > EndOf(LastStep - 1) && time < EndOf(LastStep + 1)))
        {
            return;
        }
        LastSampleTime = time;
        _lastEndingSample = time;
        _accumulationStart = Math.Min(time, EndOf(LastStep));
        var state = ContinuedState();
        for (int column = 0; column < _columns.Length; column++)
        {
            var scratch = scratches[column];
            state.Present[column] = scratch.Previous is null ? (byte)0 : (byte)1;
            state.Previous[column] = scratch.Previous ?? 0;
            if (_columns[column].Type is DataSourceType.Derive or DataSourceType.Counter)
            {
                bool isUsable = double.IsFinite(scratch.Value);
                state.Accumulated[column] = isUsable ? scratch.Value : 0;
                state.SetUnknown(column, isUsable ? Math.Clamp(scratch.UnknownSeconds, 0, Elapsed) : Elapsed);
            }
        }
        Commit(state);
    }

    /// <summary>A tile of columns that exist in other tiles, or do not exist yet.</summary>
    /// <param name="layout">That of all the tiles.</param>
    /// <param name="lastStep">All tiles have ended this step.</param>
    /// <param name="primary">Whose sample times go on; columns from elsewhere start anew.</param>
    /// <param name="origins">The columns in order.</param>
    internal static Tile Compose(ArchiveLayout layout, long lastStep, Tile? primary, IReadOnlyList<Origin> origins, TileSpace space)
    {
        var tile = new Tile(layout, [.. origins.Select(o => o.Definition)], lastStep, space);
        if (primary is not null)
        {
            tile.LastSampleTime = primary.LastSampleTime;
            tile._lastEndingSample = primary._lastEndingSample;
            tile._accumulationStart = primary._accumulationStart;
        }
        for (int s = 0; s < layout.Stages.Length; s++)
        {
            tile.CopyRows(s, origins);
        }
        tile.ReservePreparations();
        var state = tile.ContinuedState();
        bool[] goesOn = [.. origins.Select(o => o.Tile is { } from && from.UnfinishedRowsFit(o.Column, o.Definition))];
        foreach (var stage in layout.Stages)
        {
            tile.CopyPreparation(stage, origins, goesOn, state);
        }
        for (int i = 0; i < origins.Count; i++)
        {
            var origin = origins[i];
            if (primary is not null && origin.Tile == primary && primary.GoesOnAs(origin.Column, origin.Definition))
            {
                tile.CopyStep(i, primary, origin.Column, state);
            }
            else
            {
                state.SetUnknown(i, tile.Elapsed);
            }
            if (origin.Tile is not null && !goesOn[i])
            {
                tile.ForgetGathered(i);
            }
        }
        tile.Commit(state);
        return tile;
    }

    /// <summary>The next state, as the one that counts now.</summary>
    private TileState ContinuedState()
    {
        var state = NextState(LastStep, isGap: true);
        state.CopyFrom(Current);
        return state;
    }

    private void ReservePreparations()
    {
        foreach (var stage in Layout.Stages.Where(s => s.IsKept))
        {
            _memory = _memory.Reserve(_shape.PreparationStart(stage, FreePreparationCopy(stage)), _shape.PreparationLength(stage));
        }
    }

    /// <summary>Copies the rows of a stage that any of the tiles has.</summary>
    private void CopyRows(int index, IReadOnlyList<Origin> origins)
    {
        var stage = Layout.Stages[index];
        var sources = origins.Index().Where(o => o.Item.Tile is not null).GroupBy(o => o.Item.Tile!, o => (To: o.Index, From: o.Item.Column)).ToList();
        long newest = LastStep / stage.PdpPerCdp - 1;
        for (long row = Math.Max(0, newest - stage.Rows + 1); row <= newest; row++)
        {
            bool isThere = false;
            foreach (var source in sources)
            {
                var old = source.Key.Cells(index, row);
                if (old.IsEmpty)
                {
                    continue;
                }
                isThere = true;
                var cells = Claim(index, row);
                for (int band = 0; band < stage.Bands; band++)
                {
                    foreach (var (to, from) in source)
                    {
                        cells[band * _columns.Length + to] = old[band * source.Key._columns.Length + from];
                    }
                }
            }
            if (isThere)
            {
                SealRow(index, row);
            }
        }
    }

    /// <summary>Makes the newest PDPs of a column unknown that would be gathered into a row with values of another meaning.</summary>
    private void ForgetGathered(int column)
    {
        long first = Layout.Stages.Where(s => s.IsGathered).Select(s => LastStep / s.PdpPerCdp * s.PdpPerCdp).DefaultIfEmpty(LastStep).Min();
        for (long row = first; row < LastStep; row++)
        {
            if (!Cells(0, row).IsEmpty)
            {
                CellsToWrite(0, row)[column] = double.NaN;
                SealRow(0, row);
            }
        }
    }

    /// <param name="goesOn">Which columns take their unfinished rows along.</param>
    private void CopyPreparation(Stage stage, IReadOnlyList<Origin> origins, bool[] goesOn, TileState state)
    {
        if (!stage.IsKept || !origins.Any(o => o.Tile is { } t && t.Current.PreparationCopy(stage.KeptIndex) != NoCopy))
        {
            return;
        }
        int copy = Target(stage, state);
        var preparation = PreparationOf(stage, copy);
        preparation.Reset();
        for (int i = 0; i < origins.Count; i++)
        {
            if (goesOn[i] && origins[i].Tile is { } from && from.Current.PreparationCopy(stage.KeptIndex) is var source && source != NoCopy)
            {
                preparation.Slice(i, 1).CopyFrom(from.PreparationOf(stage, source).Slice(origins[i].Column, 1));
            }
        }
        state.SetPreparation(stage.KeptIndex, copy, Checksum.Of(PreparationBytes(stage, copy)));
    }

    /// <summary>The cells of a row that is written out of turn: as they are, or unknown where the row is not there.</summary>
    private Span<double> Claim(int stage, long row)
    {
        _memory = _memory.Reserve(_shape.RowStart(stage, Layout.Stages[stage], row), _shape.RowBytes(Layout.Stages[stage]));
        var bytes = RowBytes(stage, row);
        bool isThere = !Cells(stage, row).IsEmpty;
        var cells = CellsToWrite(stage, row);
        if (!isThere)
        {
            cells.Fill(double.NaN);
            BinaryPrimitives.WriteInt64LittleEndian(bytes[^TileShape.RowTrailerBytes..], row);
        }
        return cells;
    }

    /// <summary>Whether the unfinished step of a column means the same under another definition. What is accumulated is from before
    /// the inverse, which documents do not know; and they call a COUNTER a DERIVE.</summary>
    private bool GoesOnAs(int column, DataSource definition) => IsSameKind(_columns[column], definition);

    private static bool IsSameKind(DataSource one, DataSource other) => one.Type == other.Type || (IsCounting(one) && IsCounting(other));

    private static bool IsCounting(DataSource source) => source.Type is DataSourceType.Derive or DataSourceType.Counter;

    /// <summary>Whether what is known of the unfinished rows of a column may be consolidated with values of another definition: their type
    /// means the same, and they lie within its bounds.</summary>
    private bool UnfinishedRowsFit(int column, DataSource definition)
    {
        if (!IsSameKind(_columns[column], definition))
        {
            return false;
        }
        if (definition.Min <= _columns[column].Min && definition.Max >= _columns[column].Max)
        {
            return true;
        }
        Span<double> memory = stackalloc double[2 * MostSections];
        foreach (var stage in Layout.Stages.Where(s => !s.IsFinest))
        {
            if (!Unfinished(stage, column, 1, memory, Current).Fits(0, definition.Min, definition.Max))
            {
                return false;
            }
        }
        return true;
    }

    private void CopyStep(int column, Tile from, int fromColumn, TileState state)
    {
        var old = from.Current;
        state.Present[column] = old.Present[fromColumn];
        state.Previous[column] = Raw(_columns[column], from._columns[fromColumn], old.Previous[fromColumn]);
        if (column < state.Accumulated.Length)
        {
            state.Accumulated[column] = old.AccumulatedOf(fromColumn);
        }
        state.SetUnknown(column, old.Unknown(fromColumn));
    }

    /// <summary>A raw value as another definition has it: the integer, or the bits of the double.</summary>
    private static long Raw(DataSource definition, DataSource old, long raw)
    {
        if (old.IsInteger == definition.IsInteger)
        {
            return raw;
        }
        double value = old.Value(raw);
        return !definition.IsInteger ? BitConverter.DoubleToInt64Bits(value)
            : definition.Type == DataSourceType.Counter ? (long)(ulong)value
            : (long)value;
    }

    /// <summary>Writes a row out of turn, unless nothing is known of it.</summary>
    private void Put(int rra, long row, ReadOnlySpan<double> values)
    {
        int index = Array.IndexOf(Layout.Stages, Layout.StageOf(rra));
        if (!Holds(rra, row) || (!values.ContainsAnyExcept(double.NaN) && Cells(index, row).IsEmpty))
        {
            return;
        }
        values.CopyTo(Claim(index, row).Slice(Layout.Stages[index].BandOf(rra) * _columns.Length, _columns.Length));
        SealRow(index, row);
    }

    private double Kept(int column, double value) =>
        double.IsFinite(value) && value >= _columns[column].Min && value <= _columns[column].Max ? value : double.NaN;
}
