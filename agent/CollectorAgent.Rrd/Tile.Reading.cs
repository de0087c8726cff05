namespace CollectorAgent.Rrd;

public sealed partial class Tile
{
    /// <summary>Number of the newest row of an RRA that is over. Row r ends with step (r + 1) x PdpPerCdp.</summary>
    public long NewestRow(int rra) => LastStep / Layout.Rras[rra].PdpPerCdp - 1;

    /// <summary>One CDP; NaN where it is unknown or the ring does not hold its row.</summary>
    public double Cell(int rra, long row, int column)
    {
        var cells = Band(rra, row);
        return cells.IsEmpty ? double.NaN : cells[column];
    }

    /// <summary>The unfinished row of one column in one RRA, with what the finer stages have not handed on yet.</summary>
    public CdpScratch Scratch(int rra, int column)
    {
        var stage = Layout.StageOf(rra);
        Span<double> memory = stackalloc double[2 * MostSections];
        return Unfinished(stage, column, 1, memory, Current).Scratch(0, Layout.Rras[rra], (int)(LastStep % stage.PdpPerCdp));
    }

    /// <summary>The unfinished step of one column.</summary>
    public PdpScratch Scratch(int column)
    {
        var state = Current;
        bool hasPrevious = state.Present[column] != 0;
        return new PdpScratch(
            hasPrevious ? state.Previous[column] : null,
            _columns[column].Type != DataSourceType.Gauge ? state.Accumulated[column]
                : hasPrevious ? _columns[column].Value(state.Previous[column])
                : 0,
            state.Unknown(column));
    }

    /// <summary>The unfinished step of all columns.</summary>
    internal UnfinishedSteps CopySteps() => UnfinishedSteps.Of(Current);

    /// <summary>Copies a row that the ring held at an earlier step.</summary>
    /// <returns>False where it has been overwritten since.</returns>
    internal bool TryCopyRow(int rra, long row, Span<double> values)
    {
        var cells = StoredBand(rra, row);
        if (cells.IsEmpty)
        {
            values.Fill(double.NaN);
            return !IsOverwritten(rra, row);
        }
        cells.CopyTo(values);
        return true;
    }

    /// <inheritdoc cref="TryCopyRow"/>
    internal bool TryCopyCell(int rra, long row, int column, out double value)
    {
        var cells = StoredBand(rra, row);
        value = cells.IsEmpty ? double.NaN : cells[column];
        return !cells.IsEmpty || !IsOverwritten(rra, row);
    }

    /// <summary>Whether a later row of the ring lies in the place of this one. A number that is not that of a whole row of this tile is damage, or
    /// what a power cut has left: then this row was simply not there.</summary>
    private bool IsOverwritten(int rra, long row)
    {
        var stage = Layout.StageOf(rra);
        var bytes = RowBytes(Array.IndexOf(Layout.Stages, stage), row);
        long number = NumberIn(bytes);
        return number > row && number < LastStep / stage.PdpPerCdp && (number - row) % (stage.Rows + TileShape.SpareRows) == 0 && IsSealedRow(bytes);
    }

    /// <summary>Whether any cell is known of this row of an RRA or a later one.</summary>
    internal bool KnowsSomethingSince(int rra, long first)
    {
        for (long row = Math.Max(first, NewestRow(rra) - Layout.Rras[rra].Rows + 1); row <= NewestRow(rra); row++)
        {
            if (Band(rra, row).ContainsAnyExcept(double.NaN))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>All that is known of the unfinished rows of a stage, section after section.</summary>
    internal double[] UnfinishedRow(Stage stage)
    {
        double[] memory = new double[2 * MostSections * _columns.Length];
        Unfinished(stage, 0, _columns.Length, memory, Current);
        return memory[..(Preparation.Sections(stage) * _columns.Length)];
    }

    private ReadOnlySpan<double> Band(int rra, long row) => Holds(rra, row) ? StoredBand(rra, row) : [];

    private ReadOnlySpan<double> StoredBand(int rra, long row)
    {
        int stage = Array.IndexOf(Layout.Stages, Layout.StageOf(rra));
        var cells = Cells(stage, row);
        return cells.IsEmpty ? cells : cells.Slice(Layout.Stages[stage].BandOf(rra) * _columns.Length, _columns.Length);
    }

    /// <summary>All that is known of the unfinished row of a stage.</summary>
    /// <param name="memory">Room for twice as many columns: the result is in the first half.</param>
    /// <param name="state">Which preparations count.</param>
    private Preparation Unfinished(Stage stage, int start, int count, Span<double> memory, TileState state)
    {
        var whole = new Preparation(stage, memory[..(MostSections * count)], count);
        whole.Reset();
        Span<int> steps = stackalloc int[Stage.MostGathered];
        for (var part = stage; part is { IsFinest: false }; part = part.Finer)
        {
            var own = new Preparation(part, memory[(MostSections * count)..], count);
            own.Reset();
            if (part.IsGathered)
            {
                var rows = steps[..StepsInRow(part, LastStep)];
                FindSteps(LastStep, rows);
                Gather(own, rows, start);
            }
            else if (state.PreparationCopy(part.KeptIndex) is var copy && copy != NoCopy)
            {
                own.CopyFrom(PreparationOf(part, copy).Slice(start, count));
            }
            whole.Merge(own);
        }
        return whole;
    }
}
