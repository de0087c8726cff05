namespace CollectorAgent.Rrd;

/// <summary>What a claim will change, gathered before anything is changed.</summary>
/// <param name="maxCells">How many cells of history may be copied; one tile's are in any case.</param>
internal sealed class PendingClaim(long maxCells)
{
    public HashSet<string> Granted { get; } = new(StringComparer.Ordinal);

    /// <summary>Columns without a tile of their plugin's.</summary>
    public List<Tile.Origin> New { get; } = [];

    /// <summary>Columns that stay where they are and mean something else from now on.</summary>
    public Dictionary<Tile, Dictionary<int, DataSource>> Redefined { get; } = [];

    /// <summary>Columns that leave a tile of another plugin.</summary>
    public Dictionary<Tile, Dictionary<int, DataSource>> Taken { get; } = [];

    public long CopiedCells { get; private set; }

    public void Redefine(ColumnPlace place, DataSource definition) => Add(Redefined, place, definition);

    public void Take(ColumnPlace place, DataSource definition) => Add(Taken, place, definition);

    /// <summary>Whether so many cells may be copied still.</summary>
    public bool TrySpend(long cells)
    {
        if (CopiedCells > 0 && CopiedCells + cells > maxCells)
        {
            return false;
        }
        CopiedCells += cells;
        return true;
    }

    private static void Add(Dictionary<Tile, Dictionary<int, DataSource>> columns, ColumnPlace place, DataSource definition)
    {
        if (!columns.TryGetValue(place.Tile, out var ofTile))
        {
            columns.Add(place.Tile, ofTile = []);
        }
        ofTile.Add(place.Column, definition);
    }
}
