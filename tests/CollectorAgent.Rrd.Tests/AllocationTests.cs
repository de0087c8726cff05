namespace CollectorAgent.Rrd.Tests;

public sealed class AllocationTests
{
    [Fact]
    public void Update_allocates_nothing_not_even_at_the_end_of_a_minute_an_hour_or_a_day()
    {
        var columns = Enumerable.Range(0, 20).Select(i => new DataSource($"d{i}", (DataSourceType)(i % 4)) { IsInteger = i % 3 == 0 });
        var tile = new Tile(ArchiveLayout.AveragesMinMax, [.. columns], 17280 - 1);
        RunADay(tile.Clone());

        long before = GC.GetAllocatedBytesForCurrentThread();
        RunADay(tile);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.Equal(17280 * 2 + 1000, tile.LastStep);
    }

    /// <summary>A day of samples, a gap within the heartbeat, one beyond it, silence and a step of the clock.</summary>
    private static void RunADay(Tile tile)
    {
        Span<long> raw = stackalloc long[20];
        Span<bool> known = stackalloc bool[20];
        known.Fill(true);
        double start = 17280 * 5 + 0.25;
        for (int i = 0; i <= 17280; i++)
        {
            known[i % 20] = !known[i % 20];
            raw.Fill(i);
            tile.Update(start + 5 * i, raw, known);
        }
        tile.Update(start + 17280 * 5 + 200, raw, known);
        tile.Update(start + 17280 * 5 + 2000, raw, known);
        tile.EndUnknown(17280 * 2 + 1000);
        tile.StartAnew();
    }
}
