using CollectorAgent.TestKit;

namespace CollectorAgent.Rrd.Tests;

/// <summary>A data source that keeps its name and changes what it means: no row consolidates values of both meanings.</summary>
public sealed class RedefinitionTests
{
    private const long First = 17_280 * 100;

    private readonly RoundRobinDatabase _rrd = new(ArchiveLayout.AveragesMinMax);
    private readonly bool[] _known = [true];

    public static TheoryData<DataSource, DataSource> Changes => new()
    {
        { new("x", DataSourceType.Gauge), new("x", DataSourceType.Derive, 0, 1) },
        { new("x", DataSourceType.Gauge), new("x", DataSourceType.Absolute, 0, 1) },
        { new("x", DataSourceType.Gauge), new("x", DataSourceType.Counter, 0, 1) },
        { new("x", DataSourceType.Derive), new("x", DataSourceType.Gauge, 0, 1) },
        { new("x", DataSourceType.Absolute), new("x", DataSourceType.Derive, 0, 1) },
        { new("x", DataSourceType.Gauge), new("x", DataSourceType.Gauge, 0, 1) },
        { new("x", DataSourceType.Gauge, 0), new("x", DataSourceType.Gauge, 0, 1e11) },
        { new("x", DataSourceType.Gauge), new("x", DataSourceType.Gauge, 2e12) },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Unfinished_rows_start_anew_and_no_row_mixes(DataSource before, DataSource after)
    {
        Record(before, 30, 1e12);
        Record(after, 17_280 - 30, after.Min >= 2e12 ? 3e12 : 0.5);

        var tile = _rrd.Tiles[0];
        double expected = after.Min >= 2e12 ? 3e12 : 0.5;
        for (int rra = 0; rra < tile.Layout.Rras.Count; rra++)
        {
            long perRow = tile.Layout.Rras[rra].PdpPerCdp;
            // The row in which the change was, and all after it.
            for (long row = (First + 30) / perRow; row <= tile.NewestRow(rra); row++)
            {
                double cell = tile.Cell(rra, row, 0);
                Assert.True(double.IsNaN(cell) || Math.Abs(cell - expected) <= 1e-9 * expected, $"{tile.Layout.Rras[rra]}, row {row}: {cell}");
            }
        }
        Assert.Equal(expected, tile.Cell(tile.Layout.Rras.Count - 1, tile.NewestRow(tile.Layout.Rras.Count - 1), 0), 1e-9 * expected);
    }

    [Fact]
    public void Bounds_that_hold_all_that_is_known_lose_nothing()
    {
        Record(new DataSource("x", DataSourceType.Gauge), 30, 0.5);
        Record(new DataSource("x", DataSourceType.Gauge, 0, 1), 6, 0.7);

        Assert.Equal(0.6, _rrd.Tiles[0].Cell(1, (First + 30) / 12, 0), 1e-9);
    }

    [Fact]
    public void Counter_that_a_document_called_a_derive_goes_on()
    {
        var derive = new DataSource("x", DataSourceType.Derive) { IsInteger = true };
        Take(derive, 1, _ => 100);
        Take(derive, 1, _ => 150);
        Take(derive with { Type = DataSourceType.Counter }, 1, _ => 200);

        Assert.Equal([10, 10], _rrd.Tiles[0].Newest(0, 2));
    }

    [Fact]
    public void First_row_of_all_time_is_there_only_once_it_is_written()
    {
        var tile = new Tile(ArchiveLayout.AveragesMinMax, [new("x", DataSourceType.Gauge)], 17_280);

        Assert.All(Enumerable.Range(0, 10), rra => Assert.Equal(double.NaN, tile.Cell(rra, 0, 0)));
        tile.RestoreRow(9, 0, [5]);
        Assert.Equal(5, tile.Cell(9, 0, 0));
    }

    /// <summary>Records a steady rate.</summary>
    private void Record(DataSource source, int steps, double rate)
    {
        double total = 0;
        Take(source, steps, _ => source.Type switch
        {
            DataSourceType.Gauge => rate,
            DataSourceType.Absolute => rate * 5,
            _ => total += rate * 5,
        });
    }

    private void Take(DataSource source, int steps, Func<long, double> value)
    {
        long start = Math.Max(First, _rrd.LastStep);
        var tile = _rrd.ClaimTile("p", [source], start, new int[1]);
        for (long step = start + 1; step <= start + steps; step++)
        {
            double raw = value(step);
            tile.Update(step * 5, [source.IsInteger ? (long)raw : BitConverter.DoubleToInt64Bits(raw)], _known);
        }
    }
}
