namespace CollectorAgent.Rrd.Tests;

/// <summary>Many columns are worked out side by side, a single one alone: each way is the other's twin.</summary>
public sealed class VectorTests
{
    private static readonly ArchiveLayout Layout = new(
        5,
        [
            .. new[] { ConsolidationFunction.Average, ConsolidationFunction.Min, ConsolidationFunction.Max, ConsolidationFunction.Last }
                .SelectMany(f => new[] { new RraDefinition(f, 1, 10, 0.5), new(f, 3, 10, 0.5), new(f, 6, 6, 0.34), new(f, 24, 4, 1) }),
        ]);

    public static TheoryData<DataSource> Kinds => new(
        from type in Enum.GetValues<DataSourceType>()
        from isInteger in new[] { false, true }
        from inverse in new[] { false, true }
        from bounds in new[] { (double.NegativeInfinity, double.PositiveInfinity), (-0.0, 50), (-3.5, -0.25) }
        select new DataSource("", type, bounds.Item1, bounds.Item2, 60) { IsInteger = isInteger, Inverse = inverse });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Columns_side_by_side_are_as_each_alone_to_the_last_bit(DataSource kind)
    {
        const int Count = 29;
        DataSource[] columns = [.. Enumerable.Range(0, Count).Select(i => kind with { Name = $"c{i}" })];
        var together = new Tile(Layout, columns, 1000);
        Tile[] alone = [.. columns.Select(c => new Tile(Layout, [c], 1000))];
        var random = new Random(5);
        double time = 5000;
        long[] raw = new long[Count];
        for (int sample = 0; sample < 400; sample++)
        {
            time += random.Next(20) switch { 0 => 61, 1 => 11.5, 2 => 1.25, _ => 5 };
            bool isWhole = random.Next(3) > 0;
            bool[] known = [.. columns.Select(_ => isWhole || random.Next(9) > 0)];
            for (int i = 0; i < Count; i++)
            {
                raw[i] = Next(kind, raw[i], random, isWild: !isWhole);
            }
            long through = Layout.StepEndedAt(time) + (random.Next(10) == 0 ? 1 : 0);
            bool isTaken = together.Update(time, raw, known, through);
            for (int i = 0; i < Count; i++)
            {
                Assert.Equal(isTaken, alone[i].Update(time, [raw[i]], [known[i]], through));
            }
        }

        for (int i = 0; i < Count; i++)
        {
            Assert.Equal(Bits(alone[i], 0), Bits(together, i));
        }
    }

    /// <summary>All that can be seen of one column.</summary>
    private static long[] Bits(Tile tile, int column) =>
    [
        .. tile.Rings(column).SelectMany(r => r).Select(BitConverter.DoubleToInt64Bits),
        .. Enumerable.Range(0, tile.Layout.Rras.Count).Select(rra => tile.Scratch(rra, column))
            .SelectMany(s => new[] { BitConverter.DoubleToInt64Bits(s.Value), s.UnknownPdps }),
        BitConverter.DoubleToInt64Bits(tile.Scratch(column).Value),
        BitConverter.DoubleToInt64Bits(tile.Scratch(column).UnknownSeconds),
        tile.Scratch(column).Previous ?? -1,
    ];

    private static long Next(DataSource kind, long previous, Random random, bool isWild)
    {
        double[] wild = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, double.MaxValue, -0.0, double.Epsilon, 1e300];
        if (kind.IsInteger)
        {
            return isWild && random.Next(5) == 0 ? random.NextInt64(long.MinValue, long.MaxValue) : previous + random.Next(-3, 60);
        }
        double value = isWild && random.Next(5) == 0 ? wild[random.Next(wild.Length)]
            : kind.Type == DataSourceType.Gauge ? random.NextDouble() * 60 - 5
            : BitConverter.Int64BitsToDouble(previous) is var old && double.IsFinite(old) ? old + random.NextDouble() * 200 - 5
            : 0;
        return BitConverter.DoubleToInt64Bits(value);
    }
}
