using FsCheck;
using FsCheck.Fluent;

namespace CollectorAgent.Rrd.Tests.Histories;

/// <summary>A layout, and what happens to an RRD of it.</summary>
internal sealed record History(ArchiveLayout Layout, IReadOnlyList<Act> Acts)
{
    /// <summary>Unix seconds; the times of today are those at which a double has few bits left for fractions.</summary>
    public const double Start = 1_700_000_000;

    private static readonly string[] Plugins = ["cpu", "net", "disk"];
    private static readonly string[] Names = ["a", "b", "c", "d", "e", "f", "g", "h"];

    /// <summary>Histories of any shape; a failing one is cut down to the acts that matter.</summary>
    public static Arbitrary<History> Any(bool isWild = true) => Arb.From(
        Gen.Choose(0, int.MaxValue).Select(seed => Random(new Random(seed), isWild)),
        Shorter);

    public override string ToString() =>
        $"step {Layout.StepSeconds}, {string.Join("; ", Layout.Rras)}\n{string.Join("\n", Acts)}";

    private static IEnumerable<History> Shorter(History history)
    {
        for (int length = history.Acts.Count / 2; length >= 1; length /= 2)
        {
            for (int start = 0; start + length <= history.Acts.Count; start += length)
            {
                yield return history with { Acts = [.. history.Acts.Take(start), .. history.Acts.Skip(start + length)] };
            }
        }
    }

    private static History Random(Random random, bool isWild)
    {
        var layout = RandomLayout(random);
        var acts = new List<Act>();
        var definitions = Names.Select(n => RandomDefinition(random, n)).ToArray();
        string[] plugins = isWild ? Plugins[..random.Next(1, 4)] : Plugins[..1];
        double now = Start + random.Next(200) / 8.0;
        foreach (string plugin in plugins)
        {
            acts.Add(RandomClaim(random, plugin, definitions, layout.StepEndedAt(now)));
        }
        int count = random.Next(1, 60);
        while (acts.Count < count)
        {
            string plugin = plugins[random.Next(plugins.Length)];
            int kind = random.Next(isWild ? 100 : 85);
            if (kind >= 92)
            {
                int i = random.Next(definitions.Length);
                definitions[i] = random.Next(3) == 0 ? Redefined(random, definitions[i]) : definitions[i];
            }
            acts.Add(kind switch
            {
                < 78 => new Sample(plugin, now += Pause(random, layout), random.Next(8) == 0 ? random.Next(1, 3) : 0, random.Next()),
                < 82 => new Silence(plugin, layout.StepEndedAt(now) + random.Next(-2, random.Next(2) == 0 ? 3 : 120)),
                < 83 => new Restart(plugin, random.Next()),
                < 85 => new ClockStep(plugin),
                < 88 => new Sample(plugin, now -= random.Next(400) / 8.0, 0, random.Next()),
                < 92 => new Release(plugin),
                < 98 => RandomClaim(random, plugin, definitions, layout.StepEndedAt(now)),
                _ => new Remove(Names[random.Next(Names.Length)]),
            });
        }
        return new History(layout, acts);
    }

    /// <summary>Mostly about a step, at times much less, at times a gap.</summary>
    private static double Pause(Random random, ArchiveLayout layout) => random.Next(10) switch
    {
        < 4 => layout.StepSeconds,
        < 7 => random.Next(1, 2 * 8 * layout.StepSeconds) / 8.0,
        < 9 => random.Next(1, 8) / 8.0,
        _ => random.Next(1, 8 * 80 * layout.StepSeconds) / 8.0,
    };

    private static ArchiveLayout RandomLayout(Random random)
    {
        int[] pdps = [1, 1, 2, 3, 4, 5, 6, 7, 12, 30];
        double[] xffs = [0, 0.25, 1 / 3.0, 0.5, 0.57, 0.9, 1];
        var rras = Enumerable.Range(0, random.Next(1, 7)).Select(_ => new RraDefinition(
            (ConsolidationFunction)random.Next(4),
            pdps[random.Next(pdps.Length)],
            random.Next(1, 9),
            xffs[random.Next(xffs.Length)]));
        return new ArchiveLayout(random.Next(3) switch { 0 => 1, 1 => 5, _ => 10 }, rras);
    }

    private static Claim RandomClaim(Random random, string plugin, DataSource[] definitions, long lastStep)
    {
        DataSource[] reported = [.. definitions];
        random.Shuffle(reported);
        return new Claim(plugin, reported[..random.Next(0, 4)], lastStep);
    }

    private static DataSource RandomDefinition(Random random, string name)
    {
        double[] mins = [double.NegativeInfinity, double.NegativeInfinity, 0, -15, 0.1];
        double[] maxs = [double.PositiveInfinity, double.PositiveInfinity, 20, 21, 100];
        return Redefined(random, new DataSource(name, DataSourceType.Gauge, mins[random.Next(5)], maxs[random.Next(5)])
        {
            IsInteger = random.Next(2) == 0,
        });
    }

    private static DataSource Redefined(Random random, DataSource definition)
    {
        double[] heartbeats = [4, 7.5, 15, 60, 300];
        return definition with
        {
            Type = (DataSourceType)random.Next(4),
            HeartbeatSeconds = heartbeats[random.Next(5)],
            Inverse = random.Next(5) == 0,
        };
    }
}
