using System.Collections.Concurrent;

namespace CollectorAgent.Rrd;

/// <summary>The step and the RRAs that all tiles of an RRD share.</summary>
public sealed class ArchiveLayout
{
    public const int StandardStepSeconds = 5;

    private static readonly (int Rows, int PdpPerCdp)[] Resolutions = [(120, 1), (120, 12), (168, 720), (366, 17280)];

    /// <summary>More RRAs than a layout can have are of no use.</summary>
    public const int MaxRras = 64;

    /// <summary>Longest ring of a resolution that standard RRDs do not have.</summary>
    private static readonly int MaxRows = Resolutions.Max(r => r.Rows);

    private readonly Stage[] _stageOf;

    // Only steps that are a multiple of this can end a row of a coarser stage, or feed one; 0 where there is none.
    private readonly int _coarsePeriod;
    private readonly ConcurrentDictionary<(int Columns, int Accumulating), TileShape> _shapes = [];

    public ArchiveLayout(int stepSeconds, IEnumerable<RraDefinition> rras)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepSeconds, 1);
        StepSeconds = stepSeconds;
        Rras = [.. rras];
        foreach (var rra in Rras)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(rra.PdpPerCdp, 1);
            ArgumentOutOfRangeException.ThrowIfLessThan(rra.Rows, 1);
            if (!(rra.Xff is >= 0 and <= 1))
            {
                throw new ArgumentOutOfRangeException(nameof(rras), rra.Xff, "xff is a share from 0 to 1");
            }
        }
        Stages = Stage.Of(Rras);
        KeptStages = Stages.Count(s => s.IsKept);
        _coarsePeriod = Stages.Where(s => !s.IsFinest).Select(s => s.IsGathered ? s.PdpPerCdp : s.Finer?.PdpPerCdp ?? 1).Aggregate(0, Divisor);
        _stageOf = [.. Rras.Select(r => Array.Find(Stages, s => s.PdpPerCdp == r.PdpPerCdp)!)];
    }

    /// <summary>Averages for 10 minutes, 2 hours, a week and a year.</summary>
    public static ArchiveLayout Averages { get; } = new(
        StandardStepSeconds,
        Resolutions.Select(r => new RraDefinition(ConsolidationFunction.Average, r.PdpPerCdp, r.Rows, 0.5)));

    /// <summary>The same spans, with minima and maxima from the minute up.</summary>
    public static ArchiveLayout AveragesMinMax { get; } = new(
        StandardStepSeconds,
        Resolutions.SelectMany(r => r.PdpPerCdp == 1
            ? new[] { new RraDefinition(ConsolidationFunction.Average, 1, r.Rows, 0.5) }
            : [
                new RraDefinition(ConsolidationFunction.Average, r.PdpPerCdp, r.Rows, 1),
                new RraDefinition(ConsolidationFunction.Min, r.PdpPerCdp, r.Rows, 1),
                new RraDefinition(ConsolidationFunction.Max, r.PdpPerCdp, r.Rows, 1),
            ]));

    public int StepSeconds { get; }

    public IReadOnlyList<RraDefinition> Rras { get; }

    /// <summary>Finest first.</summary>
    internal Stage[] Stages { get; }

    /// <summary>How many of them keep something of an unfinished row.</summary>
    internal int KeptStages { get; }

    /// <summary>The step in which a time lies, or at whose end it is: step k covers (k-1, k] times the step.</summary>
    /// <param name="time">Unix seconds.</param>
    /// <returns>The newest step that is over at <paramref name="time"/>.</returns>
    public long StepEndedAt(double time) => (long)Math.Floor(time / StepSeconds);

    /// <summary>Cells of one data source in all rings.</summary>
    public long CellsPerColumn => Stages.Sum(s => (long)s.Bands * s.Rows);

    /// <summary>This layout without rows that are older than any of a standard ring; this one, where no ring is longer.</summary>
    public ArchiveLayout Confined()
    {
        var confined = Rras.Select(r => r with { Rows = Math.Min(r.Rows, RowsOf(r.PdpPerCdp)) }).ToList();
        return confined.SequenceEqual(Rras) ? this : new ArchiveLayout(StepSeconds, confined);
    }

    /// <summary>A layout that has room for whatever either has; this one, where that is so already, and where it has
    /// <see cref="MaxRras"/> of its own.</summary>
    /// <exception cref="ArgumentException">The other has steps of another length.</exception>
    public ArchiveLayout UnionWith(ArchiveLayout other)
    {
        if (other.StepSeconds != StepSeconds)
        {
            throw new ArgumentException($"steps of {other.StepSeconds} s, not of {StepSeconds} s", nameof(other));
        }
        var groups = Rras.Concat(other.Rras).GroupBy(r => (r.PdpPerCdp, r.Function));
        var union = groups.Select(g => g.First() with { Rows = g.Max(r => r.Rows) }).Take(MaxRras).OrderBy(r => r.PdpPerCdp).ToList();
        return union.SequenceEqual(Rras) ? this : new ArchiveLayout(StepSeconds, union);
    }

    /// <summary>Whether a step neither ends a row of a coarser stage nor feeds one.</summary>
    internal bool EndsNoCoarseRow(long step) => _coarsePeriod == 0 || step % _coarsePeriod != 0;

    internal Stage StageOf(int rra) => _stageOf[rra];

    /// <summary>The same one for all tiles of as many columns.</summary>
    internal TileShape ShapeOf(IReadOnlyList<DataSource> columns)
    {
        int accumulating = columns.Count;
        while (accumulating > 0 && columns[accumulating - 1].Type == DataSourceType.Gauge)
        {
            accumulating--;
        }
        return _shapes.GetOrAdd((columns.Count, accumulating), static (c, layout) => new TileShape(layout, c.Columns, c.Accumulating), this);
    }

    private static int RowsOf(int pdpPerCdp) => Resolutions.Where(r => r.PdpPerCdp == pdpPerCdp).Select(r => r.Rows).DefaultIfEmpty(MaxRows).Max();

    private static int Divisor(int first, int second) => first == 0 ? second : Divisor(second % first, first);
}
