using CollectorAgent.Rrd.Tests.Reference;

namespace CollectorAgent.Rrd.Tests.Histories;

/// <summary>An RRD and its reference going through the same history.</summary>
/// <param name="layout">Of both.</param>
/// <param name="isSilentStepByStep">Ends unknown steps one at a time.</param>
internal sealed class Replay(ArchiveLayout layout, bool isSilentStepByStep = false)
{
    public RoundRobinDatabase Database { get; set; } = new(layout);

    public ReferenceDatabase Reference { get; } = new(layout.StepSeconds);

    public void Do(Act act)
    {
        switch (act)
        {
            case Claim claim:
                Claim(claim);
                break;
            case Release:
                Database.Release(act.Plugin);
                Reference.Release(act.Plugin);
                break;
            case Remove remove:
                Assert.Equal(Reference.Remove(remove.Name), Database.Remove(remove.Name));
                break;
            default:
                var expected = Reference.Of(act.Plugin);
                var tiles = Database.Tiles.Where(t => t.Plugin == act.Plugin).ToList();
                Assert.Equal(expected.Count, tiles.Count);
                for (int i = 0; i < tiles.Count; i++)
                {
                    bool isTaken = Do(act, tiles[i]);
                    Assert.Equal(Do(act, expected[i]), isTaken);
                }
                break;
        }
    }

    public void AssertEqual()
    {
        Assert.Equal(Reference.Tiles.Sum(t => t.Columns.Count), Database.DataSources.Count());
        foreach (var expected in Reference.Tiles)
        {
            foreach (var column in expected.Columns)
            {
                var (tile, index) = Assert.NotNull(Database.Find(column.Definition.Name));
                Assert.Equal(expected.Plugin, tile.Plugin);
                Assert.Equal(column.Definition, tile.Columns[index]);
                Assert.Equal(expected.LastStep, tile.LastStep);
                Assert.Equal(expected.LastSample ?? double.NaN, tile.LastSampleTime);
                ReferenceConsolidator.AssertEqual(tile, index, column);
            }
        }
    }

    private bool Do(Act act, Tile tile)
    {
        switch (act)
        {
            case Sample sample:
                var (raw, known) = Values(sample, tile.Columns);
                return tile.Update(sample.Time, raw, known, tile.Layout.StepEndedAt(sample.Time) + sample.StepsEarly);
            case Silence silence:
                for (long step = tile.LastStep + 1; isSilentStepByStep && step < silence.ThroughStep; step++)
                {
                    tile.EndUnknown(step);
                }
                tile.EndUnknown(silence.ThroughStep);
                return true;
            case Restart restart:
                tile.RestartCounters([.. tile.Columns.Select(restart.Is)]);
                return true;
            case ClockStep:
                tile.StartAnew();
                return true;
            default:
                return false;
        }
    }

    private bool Do(Act act, ReferenceTile tile)
    {
        switch (act)
        {
            case Sample sample:
                var (raw, known) = Values(sample, [.. tile.Columns.Select(c => c.Definition)]);
                return tile.Update(sample.Time, raw, known, layout.StepEndedAt(sample.Time) + sample.StepsEarly);
            case Silence silence:
                tile.EndUnknown(silence.ThroughStep);
                return true;
            case Restart restart:
                tile.Columns.FindAll(c => restart.Is(c.Definition)).ForEach(c => c.Restart());
                return true;
            default:
                tile.StartAnew();
                return true;
        }
    }

    private static (long[] Raw, bool[] Known) Values(Sample sample, IReadOnlyList<DataSource> columns) =>
        ([.. columns.Select(c => sample.Value(c).Raw)], [.. columns.Select(c => sample.Value(c).IsKnown)]);

    private void Claim(Claim claim)
    {
        var places = new ColumnPlace?[claim.Reported.Count];
        Database.Claim(claim.Plugin, claim.Reported, claim.LastStep, places);
        var granted = Reference.Claim(claim.Plugin, claim.Reported, claim.LastStep);
        for (int i = 0; i < places.Length; i++)
        {
            Assert.Equal(granted.Contains(claim.Reported[i].Name), places[i] is not null);
            if (places[i] is { } place)
            {
                Assert.Equal(claim.Reported[i], place.Tile.Columns[place.Column]);
            }
        }
    }
}
