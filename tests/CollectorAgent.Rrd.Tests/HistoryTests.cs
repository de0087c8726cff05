using CollectorAgent.Rrd.Tests.Histories;
using CollectorAgent.Rrd.Tests.Reference;

namespace CollectorAgent.Rrd.Tests;

/// <summary>The engine against the definition, over random histories.</summary>
public sealed class HistoryTests
{
    [Fact]
    public void Every_cell_is_what_the_definition_says() => Properties.Hold(10_000, history =>
    {
        var replay = new Replay(history.Layout);
        for (int i = 0; i < history.Acts.Count; i++)
        {
            replay.Do(history.Acts[i]);
            if (i == history.Acts.Count / 2)
            {
                replay.AssertEqual();
            }
        }
        replay.AssertEqual();
    });

    [Fact]
    public void Unknown_steps_that_end_one_by_one_are_the_same_as_a_gap() => Properties.Hold(1_000, history =>
    {
        var replay = new Replay(history.Layout, isSilentStepByStep: true);
        foreach (var act in history.Acts)
        {
            replay.Do(act);
        }
        replay.AssertEqual();
    });

    [Fact]
    public void Rrd_goes_on_after_a_reload_as_if_there_had_been_none() => Properties.Hold(3_000, history =>
    {
        var replay = new Replay(history.Layout);
        bool isSaved = false;
        for (int i = 0; i < history.Acts.Count; i++)
        {
            var act = history.Acts[i];
            replay.Do(act is Sample sample ? sample with { StepsEarly = CanBeEarly(sample, history.Layout) ? 1 : 0 } : act);
            // Documents do not say since when a step has been sampled that began early, or an ABSOLUTE has counted.
            if (!isSaved && i >= history.Acts.Count / 2 && replay.Reference.Tiles.TrueForAll(t => t.IsStepFresh))
            {
                replay.Database = replay.Database.SavedAndLoaded();
                isSaved = true;
            }
        }
        replay.AssertEqual();
    });

    [Fact]
    public void Snapshot_is_the_rrd_and_does_not_touch_it() => Properties.Hold(2_000, history =>
    {
        var replay = new Replay(history.Layout);
        for (int i = 0; i < history.Acts.Count; i++)
        {
            replay.Do(history.Acts[i]);
            if (i == history.Acts.Count / 2)
            {
                var snapshot = replay.Database.Snapshot();
                var copies = replay.Database.Tiles.Select(t => EndBehind(t.Clone(), snapshot.LastStep)).ToList();
                AssertSame(copies, snapshot);
            }
        }
        replay.AssertEqual();
    });

    [Fact]
    public void Gauge_update_inside_the_heartbeat_cut_in_two_changes_nothing() => Properties.Hold(
        2_000,
        history =>
        {
            var whole = new Replay(history.Layout);
            var cut = new Replay(history.Layout);
            foreach (var act in history.Acts.Select(GaugesOnly))
            {
                if (act is Sample sample
                    && cut.Database.Tiles is [var tile]
                    && tile.Columns.All(c => sample.Time - tile.LastSampleTime <= c.HeartbeatSeconds))
                {
                    cut.Database.Tiles[0].Update(
                        (tile.LastSampleTime + sample.Time) / 2,
                        [.. tile.Columns.Select(c => sample.Value(c).Raw)],
                        [.. tile.Columns.Select(c => sample.Value(c).IsKnown)]);
                }
                whole.Do(act);
                cut.Do(act);
            }
            whole.AssertEqual();
            Assert.Equal(Rings(whole.Database), Rings(cut.Database));
        },
        isWild: false);

    /// <summary>Documents cannot say that a sample at the very end of a step has ended the next one.</summary>
    private static bool CanBeEarly(Sample sample, ArchiveLayout layout) => sample.StepsEarly > 0 && sample.Time % layout.StepSeconds != 0;

    private static Tile EndBehind(Tile tile, long step)
    {
        if (tile.LastStep < step)
        {
            tile.EndUnknown(step);
        }
        return tile;
    }

    private static void AssertSame(List<Tile> tiles, RrdSnapshot snapshot)
    {
        var columns = tiles.SelectMany(t => t.Columns.Select((_, i) => (Tile: t, Column: i))).ToList();
        for (int rra = 0; rra < snapshot.Layout.Rras.Count; rra++)
        {
            long end = snapshot.LastStep / snapshot.Layout.Rras[rra].PdpPerCdp;
            for (long row = Math.Max(0, end - 12); row <= end; row++)
            {
                Assert.Equal(columns.Select(c => c.Tile.Cell(rra, row, c.Column)), snapshot.Row(rra, row));
            }
            Assert.Equal(
                columns.Select(c => c.Tile.Scratch(rra, c.Column)),
                snapshot.Tiles.SelectMany(t => t.Columns.Select((_, i) => t.Scratch(rra, i))));
        }
        Assert.Equal(
            columns.Select(c => c.Tile.Scratch(c.Column)),
            snapshot.Tiles.SelectMany(t => t.Columns.Select((_, i) => t.Scratch(i))));
    }

    private static Act GaugesOnly(Act act) => act is Claim claim
        ? claim with { Reported = [.. claim.Reported.Select(c => c with { Type = DataSourceType.Gauge })] }
        : act;

    private static double[][][] Rings(RoundRobinDatabase database) =>
        [.. database.Tiles.SelectMany(t => t.Columns.Select((_, i) => t.Rings(i)))];
}
