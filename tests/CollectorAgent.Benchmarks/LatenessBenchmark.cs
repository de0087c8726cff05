namespace CollectorAgent.Benchmarks;

/// <summary>How late a tick comes and ends while large documents are fetched without a pause.</summary>
internal static class LatenessBenchmark
{
    private const int Owners = 1_000;
    private const int Sources = 23;
    private const int History = 130;
    private const int Ticks = 400;

    // An agent ticks every five seconds; a hundred times as often meets a document in every state.
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(50);

    public static IEnumerable<Row> Run(Race race)
    {
        using var vms = new SampledVms(Owners, Sources);
        for (int i = 0; i < History; i++)
        {
            vms.Publish();
            vms.Sampler.Tick();
        }
        using var folder = new ScratchFolder();
        using var server = new UpdatesServer(vms, folder.Path);
        const string Query = "/rrd_updates?start=-599&host=true&json=true";
        server.Prepare(Query);
        var (late, done) = Measure(race, vms, () => server.FetchAnyLength(Query));
        var (lateAlone, doneAlone) = Measure(race, vms, null);
        string size = $"{Owners:#,0} owners of {Sources}, 120 rows";
        yield return new Row($"{size}, p50", late.Median * 1e3, "nobody fetching", lateAlone.Median * 1e3, "ms late");
        yield return new Row($"{size}, p99", late.P99 * 1e3, "nobody fetching", lateAlone.P99 * 1e3, "ms late");
        yield return new Row($"{size}, max", late.Max * 1e3, "nobody fetching", lateAlone.Max * 1e3, "ms late");
        yield return new Row($"{size}, p50", done.Median * 1e3, "nobody fetching", doneAlone.Median * 1e3, "ms tick");
        yield return new Row($"{size}, max", done.Max * 1e3, "nobody fetching", doneAlone.Max * 1e3, "ms tick");
    }

    private static (Spread Late, Spread Tick) Measure(Race race, SampledVms vms, Action? meanwhile)
    {
        using var stop = new ManualResetEventSlim();
        var late = new List<double>(Ticks);
        var ticks = new List<double>(Ticks);
        var ticking = new Thread(() =>
        {
            using var timer = new ManualResetEvent(false);
            long started = TimeProvider.System.GetTimestamp();
            for (int i = 1; i <= Ticks; i++)
            {
                vms.Publish();
                var due = Period * i;
                var rest = due - TimeProvider.System.GetElapsedTime(started);
                // What publishing took too long for is no lateness of ours.
                if (rest < TimeSpan.FromMilliseconds(1))
                {
                    continue;
                }
                timer.WaitOne((int)Math.Ceiling(rest.TotalMilliseconds));
                late.Add((TimeProvider.System.GetElapsedTime(started) - due).TotalSeconds);
                ticks.Add(race.Seconds(vms.Sampler.Tick));
            }
            stop.Set();
        });
        ticking.Start();
        while (meanwhile is not null && !stop.IsSet)
        {
            meanwhile();
        }
        ticking.Join();
        return (Spread.Of(late), Spread.Of(ticks));
    }
}
