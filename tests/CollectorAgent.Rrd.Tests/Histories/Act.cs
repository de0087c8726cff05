namespace CollectorAgent.Rrd.Tests.Histories;

/// <summary>Something that happens to the RRD of one owner.</summary>
internal abstract record Act(string Plugin);

internal sealed record Claim(string Plugin, IReadOnlyList<DataSource> Reported, long LastStep) : Act(Plugin)
{
    public override string ToString() => $"{Plugin} claims at {LastStep}: {string.Join("; ", Reported)}";
}

internal sealed record Release(string Plugin) : Act(Plugin);

internal sealed record Remove(string Name) : Act("");

/// <param name="Plugin">Who is sampled.</param>
/// <param name="Time">When, on a grid of eighths of a second, where sums of seconds are exact.</param>
/// <param name="StepsEarly">Steps that end although the time has not come.</param>
/// <param name="Seed">What the values come from, so that they stay the same when other acts are left out.</param>
internal sealed record Sample(string Plugin, double Time, int StepsEarly, int Seed) : Act(Plugin)
{
    private const double Unknown = 0.12;
    private const double NotFinite = 0.03;
    private const double Reset = 0.05;

    public (long Raw, bool IsKnown) Value(DataSource column)
    {
        var random = new Random(Seed ^ NameSeed(column));
        bool isKnown = random.NextDouble() >= Unknown;
        long raw = column.IsInteger ? Integer(column, random)
            : random.NextDouble() < NotFinite ? Samples.Bits(random.Next(2) == 0 ? double.NaN : double.PositiveInfinity)
            : Samples.Bits(Double(column, random));
        return (raw, isKnown);
    }

    // Not the hash code of the string: it differs from process to process, and a seed must not.
    public static int NameSeed(DataSource column) => column.Name.Aggregate(17, (hash, c) => hash * 31 + c);

    private double Double(DataSource column, Random random) => column.Type switch
    {
        DataSourceType.Gauge => random.NextDouble() * 140 - 20,
        DataSourceType.Absolute => random.NextDouble() * 600,
        _ when random.NextDouble() < Reset => random.NextDouble() * 10,
        _ => (Time - History.Start) * Speed(column) + random.NextDouble() * 8,
    };

    /// <summary>Counters that begin close to where 32, 63 and 64 bits end.</summary>
    private long Integer(DataSource column, Random random)
    {
        if (column.Type is DataSourceType.Gauge or DataSourceType.Absolute || random.NextDouble() < Reset)
        {
            return random.Next(-20, 600);
        }
        long grown = (long)((Time - History.Start) * Speed(column)) + random.Next(8);
        return (NameSeed(column) & 3) switch
        {
            0 => (uint.MaxValue - 2000 + grown) & uint.MaxValue,
            1 => unchecked(long.MaxValue - 2000 + grown),
            2 => unchecked(-2000 + grown),
            _ => grown,
        };
    }

    private static double Speed(DataSource column) => (NameSeed(column) & 15) switch { 0 => 1e5, < 4 => -3, _ => 20 };
}

internal sealed record Silence(string Plugin, long ThroughStep) : Act(Plugin);

internal sealed record ClockStep(string Plugin) : Act(Plugin);

/// <param name="Plugin">Who counts from 0 again.</param>
/// <param name="Seed">Says in which columns.</param>
internal sealed record Restart(string Plugin, int Seed) : Act(Plugin)
{
    public bool Is(DataSource column) => new Random(Seed ^ Sample.NameSeed(column)).Next(2) == 0;
}
