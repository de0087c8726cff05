namespace CollectorAgent.Rrd.Tests.Reference;

/// <summary>Who reports which data source, by the rules of claiming.</summary>
internal sealed class ReferenceDatabase(int stepSeconds)
{
    public List<ReferenceTile> Tiles { get; } = [];

    public ReferenceTile? Of(string plugin) => Tiles.Find(t => t.Plugin == plugin);

    public ReferenceColumn? Find(string name) => Tiles.SelectMany(t => t.Columns).FirstOrDefault(c => c.Definition.Name == name);

    /// <summary>Gives a plugin a tile of what it reports; a name that another plugin reports stays there.</summary>
    /// <returns>The names that it was given.</returns>
    public HashSet<string> Claim(string plugin, IReadOnlyList<DataSource> reported, long lastStep)
    {
        var own = Of(plugin);
        var wanted = reported.DistinctBy(d => d.Name)
            .Where(d => Holder(d.Name) is null or { Plugin: null } || Holder(d.Name) == own).ToList();
        var donors = wanted.Select(d => Holder(d.Name)).OfType<ReferenceTile>().Where(t => t != own).Distinct().ToList();

        // The newest of the histories sets the pace, and those behind it have a gap.
        var clock = own ?? donors.MaxBy(t => t.LastStep);
        long step = donors.Append(clock).OfType<ReferenceTile>().Select(t => t.LastStep).DefaultIfEmpty(lastStep).Max();
        foreach (var tile in donors.Append(clock).OfType<ReferenceTile>().Where(t => t.LastStep < step))
        {
            tile.EndUnknown(step);
        }

        var claimed = own ?? clock?.Split() ?? new ReferenceTile(stepSeconds, step);
        claimed.Plugin = plugin;
        foreach (var definition in wanted)
        {
            Move(definition, claimed, clock);
        }
        Tiles.RemoveAll(t => donors.Contains(t) && t.Columns.Count == 0);
        if (own is null)
        {
            Tiles.Add(claimed);
        }
        return [.. wanted.Select(d => d.Name)];
    }

    public void Release(string plugin) => Tiles.Where(t => t.Plugin == plugin).ToList().ForEach(t => t.Plugin = null);

    public bool Remove(string name)
    {
        if (Holder(name) is not { } tile)
        {
            return false;
        }
        tile.Columns.RemoveAll(c => c.Definition.Name == name);
        return tile.Columns.Count > 0 || Tiles.Remove(tile);
    }

    private ReferenceTile? Holder(string name) => Tiles.Find(t => t.Columns.Exists(c => c.Definition.Name == name));

    /// <summary>A column that comes from another time axis brings its history, but no unfinished step.</summary>
    private void Move(DataSource definition, ReferenceTile to, ReferenceTile? clock)
    {
        var from = Holder(definition.Name);
        var column = Find(definition.Name) ?? new ReferenceColumn(definition);
        if (from != to && from != clock)
        {
            column.Forget();
        }
        column.Redefine(definition, to.LastStep);
        if (from != to)
        {
            from?.Columns.Remove(column);
            to.Columns.Add(column);
        }
    }
}
