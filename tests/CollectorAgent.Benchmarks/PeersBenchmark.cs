namespace CollectorAgent.Benchmarks;

/// <summary>Updates that outlive the process: ours in mapped files, rrdcached's in its journal.</summary>
internal static class PeersBenchmark
{
    private const int SourcesOfOwner = 100;

    // As rrdcached's own: it writes what it has gathered in so many seconds.
    private const int StepsOfFlush = 60;

    public static IEnumerable<Row> Run(Race race) => [.. AgainstRrdcached(race, 10), .. AgainstRrdcached(race, 100)];

    private static IEnumerable<Row> AgainstRrdcached(Race race, int owners)
    {
        int count = owners * SourcesOfOwner;
        string size = $"{owners} owners of {SourcesOfOwner} DS";
        using var pages = new ScratchFolder();
        using var disk = ScratchFolder.OnDisk();
        using var vms = new SampledVms(new PageFleet(new ScaleShape(count, owners, owners), pages.Path), disk.File("store"), Workload.FirstStep);
        if (Rrdcached.IsMissing)
        {
            double alone = Ours(race, vms, out double noise);
            yield return new Row(size, count / alone / 1e6, "rrdcached: not installed", double.NaN, "M updates/s", noise);
            yield break;
        }
        using var peer = new Rrdcached(disk.Path, owners, SourcesOfOwner);
        double ours = Ours(race, vms, out double spread);
        double[] theirs = [.. Enumerable.Range(1, 3 * StepsOfFlush).Select(i => race.Seconds(() => peer.Update(Workload.FirstStep + i)))];
        yield return new Row(size, count / ours / 1e6, "rrdcached, accepted", count / theirs.Order().ElementAt(theirs.Length / 2) / 1e6, "M updates/s", spread);

        peer.Flush();
        long step = Workload.FirstStep + theirs.Length;
        double written = Enumerable.Range(0, 3).Min(_ => race.Seconds(() =>
        {
            for (int i = 0; i < StepsOfFlush; i++)
            {
                peer.Update(++step);
            }
            peer.Flush();
        }));
        double ticks = Enumerable.Range(0, 3).Min(_ => Ticks(race, vms));
        double synced = Enumerable.Range(0, 3).Min(_ => Ticks(race, vms) + race.Seconds(() => vms.Sync.Sync()));
        double peerSpeed = StepsOfFlush * count / written / 1e6;
        yield return new Row($"{size}, {StepsOfFlush} steps", StepsOfFlush * count / ticks / 1e6, "rrdcached, with a flush", peerSpeed, "M updates/s");
        // Its flush leaves them to the system.
        yield return new Row(
            $"{size}, {StepsOfFlush} steps and fdatasync", StepsOfFlush * count / synced / 1e6, "rrdcached, with a flush", peerSpeed, "M updates/s");
    }

    /// <summary>Median of the ticks.</summary>
    private static double Ours(Race race, SampledVms vms, out double noise)
    {
        var seconds = new List<double>();
        for (int i = 0; i < Workload.HourSteps; i++)
        {
            vms.Publish();
            seconds.Add(race.Seconds(vms.Sampler.Tick));
        }
        var spread = Spread.Of(seconds[(Workload.HourSteps / 2)..]);
        noise = spread.Median / seconds.Min();
        return spread.Median;
    }

    /// <summary>Seconds of the ticks between two flushes, without the plugins' part.</summary>
    private static double Ticks(Race race, SampledVms vms)
    {
        double seconds = 0;
        for (int i = 0; i < StepsOfFlush; i++)
        {
            vms.Publish();
            seconds += race.Seconds(vms.Sampler.Tick);
        }
        return seconds;
    }
}
