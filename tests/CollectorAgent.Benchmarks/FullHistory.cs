using CollectorAgent.Rrd;

namespace CollectorAgent.Benchmarks;

/// <summary>Values in every row of a tile, half of them rates of 15 digits and more; put there, as a year of samples would take too long.</summary>
internal static class FullHistory
{
    public static void Put(Tile tile, Random random)
    {
        double[] values = new double[tile.Columns.Count];
        for (int rra = 0; rra < tile.Layout.Rras.Count; rra++)
        {
            for (long row = tile.NewestRow(rra) - tile.Layout.Rras[rra].Rows + 1; row <= tile.NewestRow(rra); row++)
            {
                for (int column = 0; column < values.Length; column++)
                {
                    values[column] = Workload.IsGauge(column) ? Math.Round(random.NextDouble() * 100, 2) : random.NextDouble() * 1e6;
                }
                tile.RestoreRow(rra, row, values);
            }
        }
    }
}
