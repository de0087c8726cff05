using CollectorAgent.Protocol;

namespace CollectorAgent.KilledRecorder;

/// <summary>What is recorded: everybody can tell each value from its name and its step.</summary>
public static class KnownHistory
{
    public const int StepSeconds = 5;

    /// <summary>The first step that is recorded. The ten minutes before a midnight bring the end of a minute, an hour and a day.</summary>
    public const long FirstStep = 1_800_057_600 / StepSeconds - 130;

    /// <summary>Owners: the host, VMs and an SR.</summary>
    public static IReadOnlyList<Owner> Owners { get; } =
    [
        Owner.Host,
        .. Enumerable.Range(1, 6).Select(i => new Owner(OwnerKind.Vm, $"00000000-0000-4000-8000-{i:x12}")),
        new Owner(OwnerKind.Sr, "00000000-0000-4000-8000-00000000abcd"),
    ];

    /// <summary>Every so many steps a plugin reports something else: its tile is composed anew.</summary>
    private const long StepsOfOneSet = 17;

    /// <summary>The data sources of one plugin in one step.</summary>
    public static ReportedSource[] Sources(int plugin, long step)
    {
        int some = (int)((step + plugin * 5) / StepsOfOneSet % 4);
        return
        [
            .. Owners.Where((_, i) => i % 3 == plugin).SelectMany(owner => Enumerable.Range(0, 9 + some).Select(i => new ReportedSource($"{(IsGauge(i) ? "g" : "d")}{i}")
            {
                Owner = owner,
                Type = IsGauge(i) ? ReportedType.Gauge : ReportedType.Derive,
                IsInteger = !IsGauge(i),
                IsDefault = true,
            })),
        ];
    }

    /// <summary>What the page says: for a GAUGE the value, for a DERIVE a total that grows by ten times its number a second.</summary>
    public static long Raw(ReportedSource source, long step) => source.Type == ReportedType.Gauge
        ? BitConverter.DoubleToInt64Bits(Value(source.Name, step))
        : NumberOf(source.Name) * 10 * step * StepSeconds;

    /// <summary>What must be recorded of a step, where the data source was reported in it and in the step before.</summary>
    public static double Value(string name, long step) => name[0] == 'g' ? step % 100_000 + NumberOf(name) / 16.0 : NumberOf(name) * 10;

    /// <summary>Whether a plugin reported a data source in a step.</summary>
    public static bool IsReported(string name, int plugin, long step) => NumberOf(name) < 9 + (step + plugin * 5) / StepsOfOneSet % 4;

    private static bool IsGauge(int number) => number % 2 == 0;

    private static int NumberOf(string name) => int.Parse(name.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
}
