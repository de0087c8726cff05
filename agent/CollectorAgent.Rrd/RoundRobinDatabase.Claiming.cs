namespace CollectorAgent.Rrd;

public sealed partial class RoundRobinDatabase
{
    /// <summary>Data sources that nobody reports and that are kept all the same. Where names change all the time, those that were reported
    /// least recently make room.</summary>
    public const int MaxUnreported = 32_768;

    /// <summary>New data sources join a tile of their plugin up to this width, and get tiles of their own beyond: so a page that changes
    /// costs in proportion to what changed.</summary>
    internal const int JoinableColumns = 64;

    // Columns of wide tiles leave together, once they are a quarter of it; those of narrow ones at once.
    private const int NarrowColumns = 128;
    private const int RetiredShare = 4;

    private int _lookedAt;

    /// <summary>Gives a plugin the columns of all the data sources that it reports for this owner.</summary>
    /// <remarks>History that nobody reports for now goes over to it; a name that another plugin reports is refused.</remarks>
    /// <param name="plugin">Who reports them.</param>
    /// <param name="reported">What it reports, or what is new of that; the first of a repeated name counts.</param>
    /// <param name="lastStep">The newest step that a tile which does not exist yet has nothing to say about.</param>
    /// <param name="places">For each reported data source its tile and column; null where it was refused, or has to wait.</param>
    /// <param name="maxCells">How many cells of history may be copied; one tile's are in any case.</param>
    /// <param name="commits">Whether what changed counts at once, after a kill too; else from the next <see cref="Commit"/> on.</param>
    /// <param name="dropped">Names that it reports no longer, where it goes on with all else that it has; null where it reports nothing
    /// but <paramref name="reported"/>.</param>
    public ClaimResult Claim(
        string plugin,
        IReadOnlyList<DataSource> reported,
        long lastStep,
        Span<ColumnPlace?> places,
        long maxCells = long.MaxValue,
        bool commits = true,
        IReadOnlyList<string>? dropped = null)
    {
        Drop(plugin, dropped, lastStep);
        var claim = new PendingClaim(maxCells);
        foreach (var definition in reported)
        {
            Grant(claim, plugin, definition);
        }
        var waiting = new HashSet<string>(StringComparer.Ordinal);
        Redefine(claim, waiting);
        TakeOver(claim, waiting, lastStep);
        Settle(plugin, claim.New, lastStep);
        foreach (var tile in _tiles.Where(t => t.Plugin == plugin && !t.IsReported))
        {
            tile.EndUnknown(Math.Max(lastStep, tile.LastStep));
            tile.Plugin = null;
        }
        int retired = claim.New.Count > 0 ? RetireUnderPressure() : 0;
        bool isChanged = claim.CopiedCells > 0 || claim.New.Count > 0;
        if (isChanged && commits)
        {
            Commit();
        }
        for (int i = 0; i < reported.Count; i++)
        {
            string name = reported[i].Name;
            places[i] = claim.Granted.Remove(name) && !waiting.Contains(name) ? Find(name) : null;
        }
        return new ClaimResult(waiting.Count, claim.CopiedCells, isChanged, retired);
    }

    /// <summary>Makes what claims have changed count, after a kill too.</summary>
    public void Commit() => _space.Commit(this);

    /// <summary>Removes data sources that nobody reports and of which no row is known any more. A call looks at one tile.</summary>
    /// <param name="step">The newest step that is over, of whatever owner.</param>
    /// <returns>Whether any went.</returns>
    public bool RetireUnknown(long step)
    {
        if (_tiles.Count == 0)
        {
            return false;
        }
        _lookedAt = (_lookedAt + 1) % _tiles.Count;
        var tile = _tiles[_lookedAt];
        long recent = step - Layout.Rras.Where(r => r.PdpPerCdp == 1).Select(r => (long)r.Rows).DefaultIfEmpty().Max();
        if (!tile.HasUnreportedSince(recent))
        {
            return false;
        }
        bool[] isKnown = tile.KnownColumns(step);
        List<Tile.Origin> kept = [.. OriginsOf(tile).Where(o => isKnown[o.Column] || tile.ReportedThrough(o.Column) >= recent)];
        int gone = tile.Columns.Count - kept.Count;
        if (gone == 0 || (tile.Columns.Count > NarrowColumns && gone * RetiredShare < tile.Columns.Count))
        {
            return false;
        }
        Replace(tile, kept);
        _space.Commit(this);
        return true;
    }

    /// <summary>A plugin reports some names no longer; none at all where it is not said which.</summary>
    private void Drop(string plugin, IReadOnlyList<string>? dropped, long lastStep)
    {
        if (dropped is null)
        {
            foreach (var tile in _tiles.Where(t => t.Plugin == plugin))
            {
                tile.Unreport(lastStep);
            }
            return;
        }
        foreach (string name in dropped)
        {
            if (Find(name) is { } place && place.Tile.Plugin == plugin)
            {
                place.Tile.Unreport(place.Column, lastStep);
            }
        }
    }

    /// <summary>Decides about one data source: where it stays, from whom it comes, or that it is new.</summary>
    private void Grant(PendingClaim claim, string plugin, DataSource definition)
    {
        if (!claim.Granted.Add(definition.Name))
        {
            return;
        }
        if (Find(definition.Name) is not { } holder)
        {
            claim.New.Add(new Tile.Origin(definition, null, 0));
        }
        else if (holder.Tile.Plugin is null || holder.Tile.Plugin == plugin)
        {
            holder.Tile.Plugin = plugin;
            holder.Tile.Report(holder.Column);
            if (holder.Tile.Columns[holder.Column] != definition)
            {
                claim.Redefine(holder, definition);
            }
        }
        else if (holder.Tile.ReportedThrough(holder.Column) == Tile.Now)
        {
            claim.Granted.Remove(definition.Name);
        }
        else
        {
            // Left over in a tile of which another plugin reports the rest.
            claim.Take(holder, definition);
        }
    }

    private void Redefine(PendingClaim claim, HashSet<string> waiting)
    {
        foreach (var (tile, definitions) in claim.Redefined)
        {
            if (claim.TrySpend(CellsOf(tile)))
            {
                Replace(tile, [.. tile.Columns.Select((c, i) => new Tile.Origin(definitions.GetValueOrDefault(i, c), tile, i))]);
            }
            else
            {
                waiting.UnionWith(definitions.Values.Select(d => d.Name));
            }
        }
    }

    /// <summary>Takes columns out of tiles of other plugins, which go on without them.</summary>
    private void TakeOver(PendingClaim claim, HashSet<string> waiting, long lastStep)
    {
        foreach (var (donor, columns) in claim.Taken)
        {
            if (!claim.TrySpend(CellsOf(donor)))
            {
                waiting.UnionWith(columns.Values.Select(d => d.Name));
                continue;
            }
            var copy = donor.Clone();
            copy.EndUnknown(Math.Max(lastStep, donor.LastStep));
            Replace(donor, [.. OriginsOf(donor).Where(o => !columns.ContainsKey(o.Column))]);
            claim.New.AddRange(columns.Select(c => new Tile.Origin(c.Value, copy, c.Key)));
        }
    }

    /// <summary>Gives new columns a place: in a narrow tile of their plugin, or in tiles of their own.</summary>
    private void Settle(string plugin, List<Tile.Origin> columns, long lastStep)
    {
        if (columns.Count == 0)
        {
            return;
        }
        long step = columns.Select(c => c.Tile?.LastStep ?? 0).Max();
        var narrow = _tiles.Where(t => t.Plugin == plugin && t.Columns.Count + columns.Count <= JoinableColumns).MaxBy(t => t.LastStep);
        if (narrow is not null)
        {
            step = Math.Max(step, narrow.LastStep);
            EndUnknown(columns.Select(c => c.Tile).Append(narrow), step);
            Replace(narrow, [.. OriginsOf(narrow), .. columns]);
            return;
        }
        step = Math.Max(step, lastStep);
        EndUnknown(columns.Select(c => c.Tile), step);
        foreach (var chunk in Sorted(columns).Chunk(Tile.MaxColumns))
        {
            var tile = Tile.Compose(Layout, step, primary: null, chunk, _space);
            tile.Plugin = plugin;
            foreach (int column in Enumerable.Range(0, chunk.Length))
            {
                tile.Report(column);
            }
            Add(tile);
        }
    }

    /// <summary>Ends the steps up to one as unknown in all tiles that are behind it.</summary>
    private static void EndUnknown(IEnumerable<Tile?> tiles, long step)
    {
        foreach (var tile in tiles.OfType<Tile>().Where(t => t.LastStep < step).Distinct().ToList())
        {
            tile.EndUnknown(step);
        }
    }

    /// <summary>Makes room where too much is kept that nobody reports: what was reported least recently goes.</summary>
    /// <returns>How many data sources went.</returns>
    private int RetireUnderPressure()
    {
        if (_places.Count <= MaxUnreported)
        {
            return 0;
        }
        int excess = _tiles.Sum(t => t.UnreportedColumns) - MaxUnreported;
        int retired = 0;
        foreach (var tile in _tiles.Where(t => t.Plugin is null).OrderBy(t => t.LastReported).ToList())
        {
            if (retired >= excess)
            {
                return retired;
            }
            retired += tile.Columns.Count;
            Replace(tile, []);
        }
        if (retired < excess && _tiles.MaxBy(t => t.UnreportedColumns) is { } mixed)
        {
            retired += mixed.UnreportedColumns;
            Replace(mixed, [.. OriginsOf(mixed).Where(o => mixed.ReportedThrough(o.Column) == Tile.Now)]);
        }
        return retired;
    }

    private long CellsOf(Tile tile) => tile.Columns.Count * Layout.CellsPerColumn;

    private static IEnumerable<Tile.Origin> OriginsOf(Tile tile) => tile.Columns.Select((c, i) => new Tile.Origin(c, tile, i));
}
