namespace CollectorAgent.Rrd.Tests;

/// <summary>Short ways to feed a tile and to look into it.</summary>
internal static class Samples
{
    public static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    /// <summary>One sample of doubles, or of integers where the column has those; NaN is unknown.</summary>
    public static bool Take(this Tile tile, double time, params double[] values) =>
        tile.Update(
            time,
            [.. values.Select((v, i) => tile.Columns[i].IsInteger ? double.IsNaN(v) ? 0 : (long)v : Bits(v))],
            [.. values.Select(v => !double.IsNaN(v))]);

    /// <summary>One sample of one integer column.</summary>
    public static bool TakeInteger(this Tile tile, double time, long value) => tile.Update(time, [value], [true]);

    /// <summary>The newest CDPs of one RRA, oldest first.</summary>
    public static double[] Newest(this Tile tile, int rra, int rows, int column = 0) =>
        [.. Enumerable.Range(1 - rows, rows).Select(i => tile.Cell(rra, tile.NewestRow(rra) + i, column))];

    public static double Newest(this Tile tile, int rra = 0) => tile.Newest(rra, 1)[0];

    /// <summary>Every row that the rings hold, for comparison.</summary>
    public static double[][] Rings(this Tile tile, int column) =>
        [.. tile.Layout.Rras.Select((rra, i) => tile.Newest(i, rra.Rows, column))];

    /// <summary>One row over all data sources.</summary>
    public static double[] Row(this RrdSnapshot snapshot, int rra, long row)
    {
        double[] values = new double[snapshot.DataSources.Count()];
        snapshot.CopyRows(rra, row, 1, values);
        return values;
    }
}
