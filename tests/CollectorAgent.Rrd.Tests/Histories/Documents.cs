namespace CollectorAgent.Rrd.Tests.Histories;

/// <summary>What a document keeps of an RRD, put into a fresh one.</summary>
internal static class Documents
{
    public static RoundRobinDatabase SavedAndLoaded(this RoundRobinDatabase database)
    {
        var loaded = new RoundRobinDatabase(database.Layout);
        foreach (var tile in database.Tiles)
        {
            loaded.Add(SavedAndLoaded(tile));
        }
        return loaded;
    }

    public static Tile SavedAndLoaded(this Tile tile)
    {
        var loaded = new Tile(tile.Layout, tile.Columns, tile.LastStep) { Plugin = tile.Plugin };
        loaded.RestoreSampleTime(tile.LastSampleTime);
        for (int column = 0; column < tile.Columns.Count; column++)
        {
            int rras = tile.Layout.Rras.Count;
            for (int rra = 0; rra < rras; rra++)
            {
                for (long row = Math.Max(0, tile.NewestRow(rra) - tile.Layout.Rras[rra].Rows + 1); row <= tile.NewestRow(rra); row++)
                {
                    loaded.RestoreCell(rra, row, column, tile.Cell(rra, row, column));
                }
            }
            loaded.RestoreScratches(column, [.. Enumerable.Range(0, rras).Select(rra => tile.Scratch(rra, column))]);
            loaded.RestoreScratch(column, tile.Scratch(column));
        }
        return loaded;
    }
}
