using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>Updates of one tile with all archives of a host.</summary>
internal static class EngineBenchmark
{
    /// <summary>Bytes that an update reads and writes for one data source, by count of its fields.</summary>
    /// <remarks>
    /// Half of them GAUGE, 63: sample and mark 9, last sample and mark written 9, row 8, checksums of these 17; of a minute a twelfth: 12
    /// rows gathered 8, three written and checked 4, the hour read, written and checked 8. Half of them DERIVE, 96: last sample and mark
    /// read 9, rate so far read, written and checked 24 more.
    /// </remarks>
    public const int BytesPerUpdate = 80;

    private const int LeastUpdates = 1_000_000;

    private static readonly ArchiveLayout Layout = ArchiveLayout.AveragesMinMax;

    public static IEnumerable<Row> Run(Race race)
    {
        foreach (int count in new[] { 1, 100, 1_000 })
        {
            yield return AgainstLibrrd(race, count, 1);
        }
        yield return AgainstLibrrd(race, 1_000, Librrd.MostSteps);
        foreach (int count in new[] { 100, 1_000, 10_000 })
        {
            foreach (var row in AgainstCopy(race, count))
            {
                yield return row;
            }
        }
    }

    private static Row AgainstLibrrd(Race race, int count, int stepsPerCall)
    {
        int steps = StepsOfRound(count);
        var ours = Ours(count, steps);
        string size = $"{count:#,0} DS";
        string against = stepsPerCall == 1 ? "librrd, a call a step" : $"librrd, {stepsPerCall} steps a call";
        if (Librrd.IsMissing)
        {
            var alone = race.Run(ours)[0];
            return new Row(size, Millions(count, steps, alone), "librrd: not installed", double.NaN, "M updates/s", alone.Noise);
        }
        using var folder = new ScratchFolder();
        using var peer = new Librrd(folder.File("peer.rrd"), Layout, count);
        long last = Workload.FirstStep;
        var results = race.Run(ours, () =>
        {
            for (int i = 0; i < Workload.HourSteps; i += stepsPerCall)
            {
                peer.Update(last += stepsPerCall, stepsPerCall);
            }
        });
        return new Row(
            size, Millions(count, steps, results[0]), against, Millions(count, Workload.HourSteps, results[1]), "M updates/s", results[0].Noise);
    }

    private static IEnumerable<Row> AgainstCopy(Race race, int count)
    {
        int steps = StepsOfRound(count);
        byte[] from = new byte[count * BytesPerUpdate / 2];
        byte[] to = new byte[from.Length];
        var results = race.Run(Ours(count, steps), () =>
        {
            for (int i = 0; i < steps; i++)
            {
                from.CopyTo(to, 0);
            }
        });
        double ours = Millions(count, steps, results[0]);
        double copy = Millions(count, steps, results[1]);
        yield return new Row($"{count:#,0} DS", ours, "copy of as many bytes", copy, "M updates/s", results[0].Noise);
        yield return new Row(
            $"{count:#,0} DS, bytes touched", ours * BytesPerUpdate / 1000, "copy", copy * BytesPerUpdate / 1000, "GB/s", results[0].Noise);
    }

    /// <summary>Whole hours, and as many updates as a clock can measure.</summary>
    private static int StepsOfRound(int count) => Workload.HourSteps * Math.Max(1, LeastUpdates / count / Workload.HourSteps);

    private static Action Ours(int count, int steps)
    {
        var places = new ColumnPlace?[count];
        new RoundRobinDatabase(Layout).Claim("plugin", Workload.Columns(count), Workload.FirstStep, places);
        // A tile has its columns in an order of its own; bringing values into it is the sampler's work.
        var tiles = places.Index().GroupBy(p => p.Item!.Value.Tile)
            .Select(g => (Tile: g.Key, Samples: Workload.Samples(count).Select(s => InOrder(s, g)).ToArray())).ToArray();
        bool[] known = new bool[count];
        Array.Fill(known, true);
        return () =>
        {
            for (int i = 0; i < steps; i++)
            {
                long step = tiles[0].Tile.LastStep + 1;
                foreach (var (tile, samples) in tiles)
                {
                    tile.Update(
                        step * ArchiveLayout.StandardStepSeconds + Workload.SampleOffsetSeconds,
                        samples[step % Workload.Cycle],
                        known.AsSpan(0, tile.Columns.Count));
                }
            }
        };
    }

    private static long[] InOrder(long[] sample, IEnumerable<(int Index, ColumnPlace? Place)> columns) =>
        [.. columns.OrderBy(c => c.Place!.Value.Column).Select(c => sample[c.Index])];

    private static double Millions(int count, int steps, Race.Result result) => count * (double)steps / result.Best / 1e6;
}
