using CollectorAgent.Rrd.Tests.Reference;

namespace CollectorAgent.Rrd.Tests;

/// <summary>The engine against the real rrdtool. docs/engine.md explains the tolerance and each difference.</summary>
public sealed class RrdtoolTests
{
    private const long Start = 1_700_000_000;

    /// <summary>rrdtool prints eleven significant digits.</summary>
    private const double Tolerance = 1e-10;

    /// <summary>Rows that rrdtool can tell from xff exactly, and ratios that do not divide each other.</summary>
    private static readonly ArchiveLayout Layout = new(5,
    [
        new(ConsolidationFunction.Average, 1, 300, 0.5),
        .. new[] { 4, 6, 12 }.SelectMany(p => Enum.GetValues<ConsolidationFunction>().Select(f => new RraDefinition(f, p, 300 / p, 0.5))),
        new(ConsolidationFunction.Average, 6, 40, 0),
        new(ConsolidationFunction.Max, 4, 40, 0.25),
    ]);

    private static readonly DataSource[] Counters =
    [
        new("d", DataSourceType.Derive) { IsInteger = true },
        new("bounded", DataSourceType.Derive, -40, 60) { IsInteger = true },
        new("touchy", DataSourceType.Derive, HeartbeatSeconds: 8) { IsInteger = true },
        new("c", DataSourceType.Counter, 0, 1e6) { IsInteger = true },
        new("wrapping", DataSourceType.Counter, HeartbeatSeconds: 30) { IsInteger = true },
    ];

    private static readonly DataSource[] Values =
    [
        new("g", DataSourceType.Gauge),
        new("warm", DataSourceType.Gauge, -40, 60, 12),
        new("a", DataSourceType.Absolute, HeartbeatSeconds: 12),
        new("few", DataSourceType.Absolute, 0, 50),
    ];

    [RrdtoolFact]
    public void Gauge_and_absolute_agree_on_aligned_times() => Compare(Values, random => 5 * Steps(random), seed: 1);

    [RrdtoolFact]
    public void Derive_and_counter_agree_on_aligned_times() => Compare(Counters, random => 5 * Steps(random), seed: 2);

    [RrdtoolFact]
    public void Derive_and_counter_agree_on_odd_times() => Compare(Counters, OddPause, seed: 3);

    [RrdtoolFact]
    public void Counters_that_wrap_at_64_bits_agree_as_far_as_rrdtool_can_count()
    {
        using var rrdtool = Rrdtool.Start();
        var column = new DataSource("c", DataSourceType.Counter) { IsInteger = true };
        var tile = new Tile(Layout, [column], Start / 5);
        rrdtool.Create("wrap.rrd", Start, Layout, [column]);
        ulong[] values = [1UL << 63, ulong.MaxValue - 7, 1UL << 54, 1UL << 55, ulong.MaxValue, 1UL << 60];
        for (int i = 0; i < values.Length; i++)
        {
            tile.TakeInteger(Start + 5 * (i + 1), unchecked((long)values[i]));
            rrdtool.Do($"update wrap.rrd {Start + 5 * (i + 1)}:{values[i]}");
        }

        double[] expected = [.. rrdtool.Rings("wrap.rrd")[0][^values.Length..].Select(r => r[0])];

        // Its difference is a double: 2^11 of 2^64 are lost, over 5 s.
        Assert.All(expected.Zip(tile.Newest(0, values.Length)), p => AssertClose(p.First, p.Second, 2048, "wrap"));
    }

    private static int Steps(Random random) => random.Next(12) switch { 0 => random.Next(1, 90), 1 => 2, _ => 1 };

    /// <summary>Sixty-fourths of a second: six decimals, which is what rrdtool reads, and no rounding in Unix time.</summary>
    private static double OddPause(Random random) => random.Next(150) switch
    {
        0 => random.Next(1, 64 * 400) / 64.0,
        1 => 5 + random.Next(1, 64 * 5) / 64.0,
        _ => random.Next(1, 64 * 5) / 64.0,
    };

    private static void Compare(DataSource[] columns, Func<Random, double> pause, int seed)
    {
        using var rrdtool = Rrdtool.Start();
        var random = new Random(seed);
        int same = 0, different = 0;
        for (int history = 0; history < 12; history++)
        {
            string file = $"{history}.rrd";
            rrdtool.Create(file, Start, Layout, columns);
            var tile = new Tile(Layout, columns, Start / 5);
            var definition = new ReferenceTile(5, Start / 5);
            var rrdtools = new ReferenceTile(5, Start / 5);
            definition.Columns.AddRange(columns.Select(c => new ReferenceColumn(c)));
            rrdtools.Columns.AddRange(columns.Select(c => new ReferenceColumn(c, asRrdtoolDoes: true)));

            // rrdtool measures its first interval from the creation; a first sample that is unknown makes that the same.
            var sample = new Sample(columns, hasUnknowns: history % 3 == 0);
            double time = Start + 5;
            for (int i = 0; i < 200; i++)
            {
                rrdtool.Do($"update {file} {Rrdtool.Number(time)}:{sample}");
                tile.Update(time, sample.Raw, sample.Known);
                definition.Update(time, sample.Raw, sample.Known, Layout.StepEndedAt(time));
                rrdtools.Update(time, sample.Raw, sample.Known, Layout.StepEndedAt(time));
                double seconds = pause(random);
                time += seconds;
                sample.Move(random, seconds);
            }

            var rings = rrdtool.Rings(file);
            for (int c = 0; c < columns.Length; c++)
            {
                ReferenceConsolidator.AssertEqual(tile, c, definition.Columns[c]);
                for (int rra = 0; rra < Layout.Rras.Count; rra++)
                {
                    var shape = Layout.Rras[rra];
                    for (int i = 0; i < shape.Rows; i++)
                    {
                        long row = tile.NewestRow(rra) - shape.Rows + 1 + i;
                        double theirs = rings[rra][i][c];
                        string where = $"{columns[c].Name}, {shape}, row {row}, history {history}";
                        AssertClose(ReferenceConsolidator.Cdp(Layout, shape, rrdtools.Columns[c], row), theirs, 0, where);
                        if (IsSame(shape, row, definition.Columns[c], rrdtools.Columns[c]))
                        {
                            AssertClose(theirs, tile.Cell(rra, row, c), 0, where);
                            same += rra > 0 || double.IsNaN(theirs) ? 0 : 1;
                        }
                        else
                        {
                            different += rra > 0 ? 0 : 1;
                        }
                    }
                }
            }
        }
        Assert.True(same > 2 * different && same > 2000, $"{same} known PDPs are the same, {different} are different");
    }

    /// <summary>Whether none of the rules that are different matters to a row.</summary>
    private static bool IsSame(RraDefinition shape, long row, ReferenceColumn ours, ReferenceColumn theirs)
    {
        var steps = Enumerable.Range(1, shape.PdpPerCdp).Select(i => row * shape.PdpPerCdp + i);
        return steps.All(s => ours.Pdps.GetValueOrDefault(s, double.NaN).Equals(theirs.Pdps.GetValueOrDefault(s, double.NaN)))
            && (shape.Function != ConsolidationFunction.Last || ours.Pdps.ContainsKey(steps.Last()));
    }

    private static void AssertClose(double expected, double actual, double tolerance, string where) => Assert.True(
        double.IsNaN(expected) ? double.IsNaN(actual) : Math.Abs(expected - actual) <= Math.Max(tolerance, Tolerance * Math.Abs(expected)),
        $"{where}: {actual:R} instead of {expected:R}");

    /// <summary>One sample of every column, each moving on in its own way; unknown at first.</summary>
    private sealed class Sample(DataSource[] columns, bool hasUnknowns)
    {
        public long[] Raw { get; } = new long[columns.Length];

        public bool[] Known { get; } = new bool[columns.Length];

        private readonly long[] _count = [.. columns.Select(c => c.Name == "wrapping" ? uint.MaxValue - 30_000L : 1_000_000)];

        public void Move(Random random, double seconds)
        {
            for (int i = 0; i < columns.Length; i++)
            {
                Known[i] = !hasUnknowns || random.Next(12) != 0;
                Raw[i] = columns[i].Type switch
                {
                    DataSourceType.Gauge => BitConverter.DoubleToInt64Bits(random.Next(-60, 80) / 4.0 * 4),
                    DataSourceType.Absolute => BitConverter.DoubleToInt64Bits(random.Next(0, 300)),
                    _ => _count[i] = Counted(columns[i], random, seconds, _count[i]),
                };
            }
        }

        public override string ToString() => string.Join(':', columns.Select((c, i) =>
            !Known[i] ? "U" : c.IsInteger ? Raw[i].ToString(System.Globalization.CultureInfo.InvariantCulture)
            : Rrdtool.Number(BitConverter.Int64BitsToDouble(Raw[i]))));

        private static long Counted(DataSource column, Random random, double seconds, long count)
        {
            if (random.Next(40) == 0)
            {
                return 500_000 + random.Next(100);
            }
            int slowest = column.Type == DataSourceType.Derive ? -30 : 0;
            long next = count + (long)(seconds * random.Next(slowest, column.Name == "wrapping" ? 2000 : 70));
            return column.Name == "wrapping" ? next & uint.MaxValue : next;
        }
    }
}
