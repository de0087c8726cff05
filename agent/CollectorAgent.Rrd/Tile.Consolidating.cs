using System.Buffers;
using System.Runtime.InteropServices;

namespace CollectorAgent.Rrd;

public sealed partial class Tile
{
    /// <summary>Columns that go through all stages before the next ones do: what is worked out of them stays in the nearest cache.</summary>
    private const int BlockColumns = 256;

    private const int MostSections = 5;

    /// <summary>Takes a sample from the state that counts to the next one, and ends the steps up to <paramref name="throughStep"/>.</summary>
    private void Take(in SampleMoment moment, ReadOnlySpan<long> raw, ReadOnlySpan<bool> known, TileState state, long throughStep)
    {
        int count = _columns.Length;
        bool hasRing = Layout.Stages is [{ IsFinest: true }, ..];
        bool hasFollowing = throughStep > LastStep + 1;
        double[]? pdps = moment.Ends && !hasRing ? ArrayPool<double>.Shared.Rent(count) : null;
        double[]? following = hasFollowing ? ArrayPool<double>.Shared.Rent(count) : null;
        var update = new TileUpdate
        {
            Moment = moment,
            Raw = raw,
            Known = known,
            Before = Current,
            After = state,
            Pdps = !moment.Ends ? [] : hasRing ? CellsToWrite(0, LastStep) : pdps.AsSpan(0, count),
            Following = following.AsSpan(0, hasFollowing ? count : 0),
        };
        foreach (var run in _runs)
        {
            update.Take(run);
        }
        if (moment.Ends)
        {
            EndStep(update.Pdps, state);
        }
        if (hasFollowing)
        {
            EndFollowingSteps(update.Following, state, throughStep);
            ArrayPool<double>.Shared.Return(following!);
        }
        if (pdps is not null)
        {
            ArrayPool<double>.Shared.Return(pdps);
        }
    }

    private void EndFollowingSteps(ReadOnlySpan<double> pdps, TileState state, long throughStep)
    {
        if (!pdps.ContainsAnyExcept(double.NaN))
        {
            Skip(throughStep, state);
        }
        while (LastStep < throughStep)
        {
            if (Layout.Stages[0].IsFinest)
            {
                pdps.CopyTo(CellsToWrite(0, LastStep));
            }
            EndStep(pdps, state);
        }
    }

    /// <summary>Ends the next step; its PDPs are in their row already, where the layout keeps them.</summary>
    private void EndStep(ReadOnlySpan<double> pdps, TileState state)
    {
        if (Layout.Stages is [{ IsFinest: true }, ..])
        {
            SealRow(0, LastStep);
        }
        if (!Layout.EndsNoCoarseRow(LastStep + 1))
        {
            EndRows(LastStep + 1, pdps, state);
        }
        LastStep++;
    }

    /// <summary>Makes every step up to <paramref name="throughStep"/> unknown, however many they are: their rows are not there.</summary>
    private void Skip(long throughStep, TileState state)
    {
        EndRows(throughStep, [], state);
        LastStep = throughStep;
    }

    /// <summary>Whether a stage hears of something between two steps: a row of the finer stage, or a PDP.</summary>
    private static bool Feeds(Stage stage, long from, long through) =>
        through / (stage.Finer?.PdpPerCdp ?? 1) > from / (stage.Finer?.PdpPerCdp ?? 1);

    private static bool Ends(Stage stage, long from, long through) => through / stage.PdpPerCdp > from / stage.PdpPerCdp;

    /// <summary>Whether the row that ends first after <see cref="LastStep"/> is written: one of a gap that is unknown throughout is not.</summary>
    private bool IsWritten(Stage stage, bool isGap) => !stage.IsFinest && !(isGap && LastStep % stage.PdpPerCdp == 0);

    /// <summary>Brings the coarser stages up to a step: what ends is written, what goes on is kept.</summary>
    /// <param name="through">The step.</param>
    /// <param name="pdps">Of that one step; empty where it and all since <see cref="LastStep"/> are unknown.</param>
    private void EndRows(long through, ReadOnlySpan<double> pdps, TileState state)
    {
        var stages = Layout.Stages;
        Span<int> targets = stackalloc int[Layout.KeptStages];
        foreach (var stage in stages)
        {
            if (stage.IsKept)
            {
                targets[stage.KeptIndex] = Target(stage, state);
            }
        }
        double[] scratch = ArrayPool<double>.Shared.Rent(stages.Length * MostSections * BlockColumns);
        Span<int> steps = stackalloc int[Stage.MostGathered];
        long lastKnown = pdps.IsEmpty ? LastStep : through;
        int gathered = 0;
        foreach (var stage in stages)
        {
            if (stage.IsGathered && Ends(stage, LastStep, through))
            {
                gathered = Math.Max(gathered, StepsInRow(stage, lastKnown));
            }
        }
        steps = steps[..gathered];
        FindSteps(lastKnown, steps);
        var ending = new RowEnding
        {
            Through = through,
            Pdps = pdps,
            State = state,
            Targets = targets,
            Scratch = scratch,
            Steps = steps,
            LastKnown = lastKnown,
        };
        foreach (var run in _runs)
        {
            for (int start = run.Start; start < run.Start + run.Count; start += BlockColumns)
            {
                int count = Math.Min(BlockColumns, run.Start + run.Count - start);
                for (int s = 0; s < stages.Length; s++)
                {
                    if (!stages[s].IsFinest)
                    {
                        EndRow(ending, s, run, start, count);
                    }
                }
            }
        }
        ArrayPool<double>.Shared.Return(scratch);
        for (int s = 0; s < stages.Length; s++)
        {
            Seal(s, ending);
        }
    }

    /// <summary>Takes some columns of one run through one stage.</summary>
    private void EndRow(in RowEnding ending, int index, ColumnRun run, int start, int count)
    {
        var stage = Layout.Stages[index];
        bool ends = Ends(stage, LastStep, ending.Through);
        if (!ends && !(stage.IsKept && Feeds(stage, LastStep, ending.Through)))
        {
            return;
        }
        // What goes on is worked out where it is kept; what ends may be wanted by a coarser stage.
        var work = ends ? Scratch(index, ending, count) : PreparationOf(stage, ending.Targets[stage.KeptIndex]).Slice(start, count);
        if (ends && !IsWritten(stage, ending.IsGap))
        {
            work.Reset();
            return;
        }
        if (stage.IsGathered)
        {
            Gather(work, ending.Steps[^StepsInRow(stage, ending.LastKnown)..], start);
        }
        else
        {
            GoOn(work, index, ending, start, count);
        }
        if (!ends)
        {
            return;
        }
        var cells = CellsToWrite(index, LastStep / stage.PdpPerCdp);
        for (int band = 0; band < stage.Bands; band++)
        {
            work.Consolidate(Layout.Rras[stage.Rras[band]], run.Min, run.Max, cells.Slice(band * _columns.Length + start, count));
        }
    }

    /// <summary>Adds to what is kept of an unfinished row what has come since.</summary>
    private void GoOn(Preparation work, int index, in RowEnding ending, int start, int count)
    {
        var stage = Layout.Stages[index];
        int source = ending.State.PreparationCopy(stage.KeptIndex);
        if (source == NoCopy)
        {
            work.Reset();
        }
        else
        {
            work.CopyFrom(PreparationOf(stage, source).Slice(start, count));
        }
        if (stage.Finer is not null && Feeds(stage, LastStep, ending.Through))
        {
            work.Merge(Scratch(Array.IndexOf(Layout.Stages, stage.Finer), ending, count));
        }
        else if (!ending.IsGap)
        {
            work.Add(ending.Pdps.Slice(start, count));
        }
    }

    /// <summary>Makes what was worked out for one stage count, with the state that is being written.</summary>
    private void Seal(int index, in RowEnding ending)
    {
        var stage = Layout.Stages[index];
        bool ends = Ends(stage, LastStep, ending.Through);
        if (ends && IsWritten(stage, ending.IsGap))
        {
            SealRow(index, LastStep / stage.PdpPerCdp);
        }
        if (stage.IsKept && ends)
        {
            ending.State.SetPreparation(stage.KeptIndex, NoCopy, 0);
        }
        else if (stage.IsKept && Feeds(stage, LastStep, ending.Through))
        {
            int target = ending.Targets[stage.KeptIndex];
            ending.State.SetPreparation(stage.KeptIndex, target, Checksum.Of(PreparationBytes(stage, target)));
        }
    }

    private Preparation Scratch(int index, in RowEnding ending, int count) =>
        new(Layout.Stages[index], ending.Scratch.Slice(index * MostSections * BlockColumns, MostSections * BlockColumns), count);

    /// <summary>How many PDPs up to a step are in the unfinished row of a stage.</summary>
    private int StepsInRow(Stage stage, long last) => (int)(last - LastStep / stage.PdpPerCdp * stage.PdpPerCdp);

    /// <summary>Where the rows of the newest PDPs lie.</summary>
    /// <param name="last">The newest step of them.</param>
    /// <param name="steps">For each of them the place of its cells, the newest last; -1 where it is not there.</param>
    private void FindSteps(long last, Span<int> steps)
    {
        for (int i = 0; i < steps.Length; i++)
        {
            long row = last - steps.Length + i;
            steps[i] = Cells(0, row).IsEmpty ? -1 : _shape.RowStart(0, Layout.Stages[0], row) / sizeof(double);
        }
    }

    /// <summary>Folds the PDPs of the unfinished row in, as far as they are there.</summary>
    /// <param name="steps">As <see cref="FindSteps"/> gives them.</param>
    private void Gather(Preparation work, ReadOnlySpan<int> steps, int start)
    {
        Span<int> rows = stackalloc int[Stage.MostGathered];
        int count = 0;
        foreach (int step in steps)
        {
            if (step >= 0)
            {
                rows[count++] = step + start;
            }
        }
        work.Gather(MemoryMarshal.Cast<byte, double>(_memory.Bytes), rows[..count]);
    }

    /// <summary>The copy of a preparation that the next state may write: its own, or a free one.</summary>
    private int Target(Stage stage, TileState state)
    {
        int copy = state.PreparationCopy(stage.KeptIndex);
        bool isOwn = copy != NoCopy && copy != Named(stage, _copy) && copy != Named(stage, _syncedCopy) && copy != Named(stage, _pendingCopy);
        return isOwn ? copy : FreePreparationCopy(stage);
    }

    /// <summary>Steps that end, and where what comes of them goes.</summary>
    private readonly ref struct RowEnding
    {
        /// <summary>The last of them.</summary>
        public required long Through { get; init; }

        /// <summary>Of the one step there is; empty where all of them are unknown.</summary>
        public required ReadOnlySpan<double> Pdps { get; init; }

        public required TileState State { get; init; }

        /// <summary>For each kept stage the copy of its preparation that is written.</summary>
        public required ReadOnlySpan<int> Targets { get; init; }

        public required Span<double> Scratch { get; init; }

        /// <summary>Where the newest rows of PDPs lie that are wanted, up to <see cref="LastKnown"/>.</summary>
        public required ReadOnlySpan<int> Steps { get; init; }

        /// <summary>The newest step that is not in the gap.</summary>
        public required long LastKnown { get; init; }

        public bool IsGap => Pdps.IsEmpty;
    }
}
