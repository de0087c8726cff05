using System.Text.Json;
using System.Text.Json.Serialization;
using CollectorAgent.Native;
using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Benchmarks;

/// <summary>Measures one shape in a process of its own, so that its memory is nobody else's; then waits to be killed.</summary>
internal sealed class ScaleChild(ScaleShape shape, string pages, string store, Race race)
{
    /// <summary>What a child says before its figures.</summary>
    public const string Announcement = "figures ";

    /// <summary>How they are written: some may be missing.</summary>
    public static readonly JsonSerializerOptions Json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    private const int Large = 1_000_000;
    private const int WarmUpTicks = 24;
    private const int TicksDuringSync = 60;
    private const int StepsOfSync = 6;

    // Where a round takes longer than what it is for, there are few.
    private const int ManyOwners = 10_000;
    private const int StepsOfSyncWithMany = 60;
    private const int TicksWithMany = 132;
    private const int CopyRounds = 21;
    private const int MostArchivedSources = 10_000;

    // Between two ticks of an agent other programs use the caches; a million data sources displace themselves.
    private readonly byte[] _elsewhere = new byte[shape.Sources < Large ? 128 << 20 : 0];

    private int Ticks => shape.Owners > ManyOwners ? TicksWithMany : shape.Sources < Large ? 720 : 420;

    private long FirstStep => Workload.FirstStep - Ticks / 2 - WarmUpTicks;

    /// <summary>Records into an empty store, and says how that went.</summary>
    public void Record()
    {
        var fleet = new PageFleet(shape, pages);
        Disturb();
        fleet.Publish(FirstStep * ArchiveLayout.StandardStepSeconds);
        var before = ProcessMemory.AfterCollection();
        long managedBefore = GC.GetTotalMemory(forceFullCollection: false);

        var vms = new SampledVms(fleet, store, FirstStep);
        double first = Tick(vms);
        for (int i = 1; i < WarmUpTicks; i++)
        {
            Tick(vms);
        }
        vms.Sync.Sync();
        var ticks = new List<double>(Ticks);
        var syncs = new List<double>();
        double day = double.NaN;
        for (int i = 0; i < Ticks; i++)
        {
            ticks.Add(Tick(vms));
            day = vms.Store.LastStep == Workload.FirstStep ? ticks[^1] : day;
            if (i % (shape.Owners > ManyOwners ? StepsOfSyncWithMany : StepsOfSync) == 0)
            {
                syncs.Add(race.Seconds(() => vms.Sync.Sync()));
            }
        }
        var after = ProcessMemory.AfterCollection();
        long managed = GC.GetTotalMemory(forceFullCollection: false) - managedBefore;
        Tick(vms);
        var resident = ProcessMemory.Of("self");
        var during = DuringSync(vms);
        vms.Sync.Sync();
        long disk = DiskBytes();
        if (vms.Store.InMemory > 0)
        {
            throw new InvalidOperationException($"{vms.Store.InMemory} owners had no room in files");
        }
        var (length, firstByte, whole) = Updates(vms);
        Say(new ScaleFigures
        {
            FirstTick = first,
            Tick = Spread.Of(ticks),
            DayTick = day,
            TickDuringSync = during,
            Sync = Spread.Of(syncs),
            Copy = Copy(),
            AnonymousBytes = after.Anonymous - before.Anonymous,
            ManagedBytes = managed,
            ResidentBytes = resident.Resident,
            DiskBytes = disk,
            UpdatesBytes = length,
            UpdatesFirstByte = firstByte,
            Updates = whole,
            Archive = Archive(vms.Store.All[0]),
            LastStep = vms.Store.LastStep,
        });
    }

    /// <summary>Goes on with a store whose process was killed.</summary>
    public void GoOn(long lastStep)
    {
        using var fleet = new PageFleet(shape, pages);
        SampledVms? vms = null;
        double load = race.Seconds(() => vms = new SampledVms(fleet, store, lastStep));
        long[] steps = [.. vms!.Store.All.Select(r => r.Copy(d => d.LastStep))];
        if (steps.Length != shape.Owners || steps.Any(s => s != lastStep))
        {
            throw new InvalidOperationException($"{shape}: {steps.Count(s => s == lastStep)} owners have what was committed last");
        }
        Say(new ScaleStart(load, Tick(vms)));
    }

    private static void Say<T>(T figures)
    {
        Console.WriteLine(Announcement + JsonSerializer.Serialize(figures, Json));
        // Whoever has started this process ends it, by a signal that leaves no time for anything.
        Console.In.ReadToEnd();
    }

    private double Tick(SampledVms vms)
    {
        vms.Publish();
        Disturb();
        return race.Seconds(vms.Sampler.Tick);
    }

    private Spread DuringSync(SampledVms vms)
    {
        using var stop = new CancellationTokenSource();
        var rounds = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                vms.Sync.Sync();
            }
        });
        rounds.Start();
        var ticks = new List<double>(TicksDuringSync);
        for (int i = 0; i < TicksDuringSync; i++)
        {
            ticks.Add(Tick(vms));
        }
        stop.Cancel();
        rounds.Join();
        return Spread.Of(ticks);
    }

    private (int Length, double FirstByte, double Whole) Updates(SampledVms vms)
    {
        using var folder = new ScratchFolder();
        using var server = new UpdatesServer(vms, folder.Path);
        const string Query = "/rrd_updates?start=-9&host=true&json=true";
        int length = server.Prepare(Query);
        double[] fetches = [.. Enumerable.Range(0, 5).Select(_ => race.Seconds(() => server.Fetch(Query)))];
        return (length, server.FirstBytes.Min(), fetches.Min());
    }

    private double Archive(OwnedRrd owned) => shape.SourcesOfOwner <= MostArchivedSources
        ? race.Seconds(() => ArchiveBenchmark.Archive(owned.Copy(d => d.Snapshot())))
        : double.NaN;

    private double Copy()
    {
        byte[] from = new byte[shape.Sources * EngineBenchmark.BytesPerUpdate / 2];
        byte[] to = new byte[from.Length];
        Array.Fill(from, (byte)1);
        List<double> seconds = [];
        for (int i = 0; i < CopyRounds; i++)
        {
            Disturb();
            seconds.Add(race.Seconds(() => from.CopyTo(to, 0)));
        }
        return Spread.Of(seconds).Median;
    }

    private long DiskBytes() => Directory.EnumerateFiles(store, "*", SearchOption.AllDirectories)
        .Sum(f => (long)PosixFile.Status(f).AllocatedBytes);

    private void Disturb() => Array.Fill(_elsewhere, (byte)1);
}
