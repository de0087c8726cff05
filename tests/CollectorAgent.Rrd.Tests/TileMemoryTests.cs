using CollectorAgent.Rrd.Tests.Histories;

namespace CollectorAgent.Rrd.Tests;

/// <summary>A tile's memory is all there is of it, and outlives the process at any moment.</summary>
public sealed class TileMemoryTests
{
    [Fact]
    public void Tile_opened_from_its_memory_goes_on_as_if_it_had_never_been_away() => Properties.Hold(1_000, history =>
    {
        var replay = new Replay(history.Layout);
        foreach (var act in history.Acts)
        {
            replay.Do(act);
            var reopened = new RoundRobinDatabase(history.Layout);
            foreach (var tile in replay.Database.Tiles)
            {
                var opened = Tile.Open(tile.Layout, tile.Columns, new HeapMemory(tile.Memory))!;
                opened.ContinueReports(tile, tile, [.. tile.Columns.Select((c, i) => new Tile.Origin(c, tile, i))]);
                reopened.Add(opened);
            }
            replay.Database = reopened;
        }
        replay.AssertEqual();
    });

    [Theory]
    [InlineData(1)]
    [InlineData(30)]
    public void Memory_caught_between_two_updates_is_the_tile_before_or_after_it(int count)
    {
        var layout = new ArchiveLayout(5, [.. ArchiveLayout.AveragesMinMax.Rras.Select(r => r with { PdpPerCdp = Math.Min(r.PdpPerCdp, 36), Rows = 9 })]);
        var tile = new Tile(layout, [.. Enumerable.Range(0, count).Select(i => new DataSource($"d{i}", (DataSourceType)(i % 3)))], 1000);
        int states = layout.ShapeOf(tile.Columns).StateStride * TileShape.Copies;
        var random = new Random(7);
        var seen = new HashSet<long>();
        for (int i = 1; i <= 200; i++)
        {
            var before = new HeapMemory(tile.Memory);
            double[] known = Cells(tile);
            long lastStep = tile.LastStep;
            tile.Take(5000 + 5 * i + random.NextDouble(), [.. Enumerable.Range(0, count).Select(_ => random.NextDouble())]);
            for (int cut = 0; cut < 20; cut++)
            {
                // What is kept and the rows come first, then the state that names them.
                var torn = new HeapMemory(before);
                bool isStateReached = cut % 2 == 0;
                Mix(torn, tile.Memory, states, torn.Bytes.Length, isStateReached ? 1 : random.NextDouble(), random);
                Mix(torn, tile.Memory, 0, states, isStateReached ? random.NextDouble() : 0, random);

                var opened = Tile.Open(layout, tile.Columns, torn)!;

                seen.Add(opened.LastStep - lastStep);
                Assert.Equal(opened.LastStep == lastStep ? known : Cells(tile), Cells(opened));
            }
        }
        Assert.Equal([0, 1], seen.Order());
    }

    [Fact]
    public void State_that_is_on_disk_stays_until_a_later_one_is()
    {
        var tile = new Tile(ArchiveLayout.Averages, [new("g", DataSourceType.Gauge)], 1000);
        tile.Take(5005, 1);
        tile.BeginSync();
        tile.Take(5010, 2);
        tile.EndSync(isOnDisk: true);
        for (int i = 3; i < 20; i++)
        {
            tile.Take(5000 + 5 * i, i);
            if (i == 10)
            {
                tile.BeginSync();
                tile.EndSync(isOnDisk: false);
            }
        }
        // All states but the one that was synced are lost, those behind it as those before.
        var memory = new HeapMemory(tile.Memory);
        var opened = Tile.Open(tile.Layout, tile.Columns, memory)!;
        while (opened.LastStep > 1001)
        {
            Damage(memory, tile, opened.LastStep);
            opened = Tile.Open(tile.Layout, tile.Columns, memory)!;
        }

        Assert.Equal(1001, opened.LastStep);
        Assert.Equal(1, opened.Newest());
    }

    [Fact]
    public void Row_with_a_bit_turned_over_is_unknown_and_counted_once()
    {
        var tile = new Tile(ArchiveLayout.Averages, [new("g", DataSourceType.Gauge)], 1000);
        tile.Take(5005, 1.5);
        tile.Take(5010, 2.5);
        var memory = new HeapMemory(tile.Memory);
        // The first is the raw value in a state that does not count any more.
        memory.Bytes[memory.Bytes.LastIndexOf(BitConverter.GetBytes(1.5))] ^= 0x10;

        var opened = Tile.Open(tile.Layout, tile.Columns, memory)!;

        Assert.Equal([double.NaN, 2.5], opened.Newest(0, 2));
        Assert.Equal([double.NaN, 2.5], opened.Newest(0, 2));
        Assert.Equal(1, opened.DamagedRows);
    }

    [Fact]
    public void Damage_to_what_is_kept_of_an_hour_costs_that_and_not_the_tile()
    {
        var tile = new Tile(ArchiveLayout.Averages, [new("g", DataSourceType.Gauge)], 720 * 500_000 - 1);
        double start = 720.0 * 500_000 * 5;
        for (int i = 0; i < 700; i++)
        {
            tile.Take(start + 5 * i, 1);
        }
        var memory = new HeapMemory(tile.Memory);
        var shape = tile.Layout.ShapeOf(tile.Columns);
        var hour = tile.Layout.StageOf(2);
        for (int copy = 0; copy < TileShape.Copies; copy++)
        {
            memory.Bytes[shape.PreparationStart(hour, copy)] ^= 1;
        }

        var opened = Tile.Open(tile.Layout, tile.Columns, memory)!;

        Assert.Equal(tile.LastStep, opened.LastStep);
        Assert.Equal(1, opened.DamagedRows);
        Assert.Equal(tile.Rings(0)[..2], opened.Rings(0)[..2]);
        for (int i = 700; i <= 720; i++)
        {
            tile.Take(start + 5 * i, 1);
            opened.Take(start + 5 * i, 1);
        }
        Assert.Equal(1, tile.Newest(2));
        Assert.Equal(double.NaN, opened.Newest(2));
    }

    [Fact]
    public void Memory_without_a_whole_state_opens_as_nothing()
    {
        DataSource[] columns = [new("g", DataSourceType.Gauge)];
        int length = Tile.LengthOf(ArchiveLayout.Averages, columns);

        Assert.Null(Tile.Open(ArchiveLayout.Averages, columns, new HeapMemory(length)));
        Assert.Null(Tile.Open(ArchiveLayout.Averages, columns, new HeapMemory(length - 1)));
        Assert.Null(Tile.Open(ArchiveLayout.Averages, columns, new HeapMemory(0)));
    }

    /// <summary>Brings some words of a part over from newer memory.</summary>
    private static void Mix(HeapMemory torn, TileMemory newer, int start, int end, double share, Random random)
    {
        for (int word = start; word < end; word += sizeof(long))
        {
            if (random.NextDouble() < share)
            {
                newer.Bytes.Slice(word, sizeof(long)).CopyTo(torn.Bytes[word..]);
            }
        }
    }

    /// <summary>Wipes out what names a step as the newest.</summary>
    private static void Damage(HeapMemory memory, Tile tile, long lastStep)
    {
        int states = tile.Layout.ShapeOf(tile.Columns).StateStride * TileShape.Copies;
        int place = memory.Bytes[..states].IndexOf(BitConverter.GetBytes(lastStep));
        Assert.True(place >= 0, $"no state of {tile.LastStep} names step {lastStep}");
        memory.Bytes[place] ^= 1;
    }

    private static double[] Cells(Tile tile) =>
        [.. Enumerable.Range(0, tile.Columns.Count).SelectMany(c => tile.Rings(c)).SelectMany(r => r)];
}
