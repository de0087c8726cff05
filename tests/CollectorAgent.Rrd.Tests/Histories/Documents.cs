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
        int rras = tile.Layout.Rras.Count;
        for (int rra = 0; rra < rras; rra++)
        {
            for (long row = Math.Max(0, tile.NewestRow(rra) - tile.Layout.Rras[rra].Rows + 1); row <= tile.NewestRow(rra); row++)
            {
                loaded.RestoreRow(rra, row, [.. Enumerable.Range(0, tile.Columns.Count).Select(c => tile.Cell(rra, row, c))]);
            }
        }
        var columns = Enumerable.Range(0, tile.Columns.Count);
        foreach (int column in columns.Where(c => tile.ReportedThrough(c) == Tile.Now))
        {
            loaded.Report(column);
        }
        loaded.RestoreSample(tile.LastSampleTime, [.. columns.Select(c => tile.Scratch(c))]);
        loaded.RestorePreparations([.. columns.Select(c => Enumerable.Range(0, rras).Select(rra => tile.Scratch(rra, c)).ToArray())]);
        return loaded;
    }
}
