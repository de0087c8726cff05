using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>A simulated day: ticks come late, documents and rounds of syncing run meanwhile. Every step must be filled.</summary>
internal static class DayBenchmark
{
    private const int Owners = 10;
    private const int Sources = 30;
    private const int Steps = 86_400 / ArchiveLayout.StandardStepSeconds;

    // Less than the finest archive holds.
    private const int StepsOfLook = 60;
    // A timer never ends early.
    private const double LeastLateSeconds = 0.001;
    private const double MostLateSeconds = 2.5;

    public static IEnumerable<Row> Run(Race race)
    {
        using var pages = new ScratchFolder();
        using var disk = ScratchFolder.OnDisk();
        var random = new Random(1);
        using var vms = new SampledVms(
            new PageFleet(new ScaleShape(Owners * Sources, Owners, Owners), pages.Path), disk.File("store"), Workload.FirstStep);
        using var stop = new CancellationTokenSource();
        var load = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                vms.Sync.Sync();
                _ = vms.Store.All.Select(r => r.Copy(d => d.Snapshot())).Count();
            }
        });
        vms.Publish();
        vms.Sampler.Tick();
        load.Start();
        int filled = Steps;
        double seconds = race.Seconds(() =>
        {
            for (int i = 1; i <= Steps; i++)
            {
                vms.Publish(LeastLateSeconds + random.NextDouble() * MostLateSeconds, random.NextDouble() * MostLateSeconds);
                vms.Sampler.Tick();
                if (i % StepsOfLook == 0)
                {
                    filled -= vms.Store.All.Max(r => r.Copy(Unfilled));
                }
            }
        });
        stop.Cancel();
        load.Join();
        yield return new Row($"{Owners * Sources} DS, 24 hours in {seconds:0.0} s", filled, "steps of a day", Steps, "steps filled");
    }

    /// <summary>Steps since the last look in which anything is unknown.</summary>
    private static int Unfilled(RoundRobinDatabase rrd)
    {
        double[] row = new double[Sources];
        int unfilled = 0;
        for (long step = rrd.LastStep - StepsOfLook; step < rrd.LastStep; step++)
        {
            rrd.Rows().TryCopyRow(0, step, row);
            unfilled += row.Any(double.IsNaN) ? 1 : 0;
        }
        return unfilled;
    }
}
