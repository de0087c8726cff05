namespace CollectorAgent.Benchmarks;

/// <summary>One tick of the sampler: read, check, route, update.</summary>
internal static class TickBenchmark
{
    private const int Pages = 100;
    private const int Sources = 30;
    private const int WarmUpTicks = 1_000;

    // More than the caches hold: between two ticks of an agent other programs use them.
    private static readonly byte[] Elsewhere = new byte[128 << 20];

    public static IEnumerable<Row> Run(Race race)
    {
        using var vms = new SampledVms(Pages, Sources);
        for (int i = 0; i < WarmUpTicks; i++)
        {
            vms.Publish();
            vms.Sampler.Tick();
            vms.ReadBare();
        }
        foreach (var row in Ticks(race, vms, 2_000, "caches warm", () => { }))
        {
            yield return row;
        }
        foreach (var row in Ticks(race, vms, 400, "caches cold", () => Array.Fill(Elsewhere, (byte)1)))
        {
            yield return row;
        }
    }

    private static IEnumerable<Row> Ticks(Race race, SampledVms vms, int count, string how, Action before)
    {
        var ticks = new List<double>(count);
        var bare = new List<double>(count);
        long allocated = 0;
        Action tick = vms.Sampler.Tick;
        Action read = vms.ReadBare;
        for (int i = 0; i < count; i++)
        {
            vms.Publish();
            before();
            long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            ticks.Add(race.Seconds(tick));
            allocated += GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
            before();
            bare.Add(race.Seconds(read));
        }
        ticks.Sort();
        bare.Sort();
        const string Against = "reads and checksums alone";
        double noise = ticks[count / 2] / ticks[0];
        string size = $"{Pages} pages of {Sources} DS, {how}";
        yield return new Row($"{size}, p50", ticks[count / 2] * 1e6, Against, bare[count / 2] * 1e6, "µs/tick", noise);
        yield return new Row($"{size}, p99", ticks[count * 99 / 100] * 1e6, Against, bare[count * 99 / 100] * 1e6, "µs/tick", noise);
        yield return new Row(size, allocated / (double)count, "nothing", 0, "allocated B/tick");
    }
}
