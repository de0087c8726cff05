namespace CollectorAgent.Rrd.Tests.Reference;

/// <summary>Who reports which data source, by the rules of claiming.</summary>
internal sealed class ReferenceDatabase(int stepSeconds)
{
    public List<ReferenceTile> Tiles { get; } = [];

    public List<ReferenceTile> Of(string plugin) => Tiles.FindAll(t => t.Plugin == plugin);

    public ReferenceColumn? Find(string name) => Tiles.SelectMany(t => t.Columns).FirstOrDefault(c => c.Definition.Name == name);

    /// <summary>Gives a plugin what it reports; a name that another plugin reports stays there.</summary>
    /// <returns>The names that it was given.</returns>
    public HashSet<string> Claim(string plugin, IReadOnlyList<DataSource> reported, long lastStep)
    {
        Of(plugin).ForEach(t => t.Reported.Clear());
        var granted = new HashSet<string>();
        var settling = new List<(ReferenceColumn Column, DataSource Definition)>();
        long step = 0;
        foreach (var definition in reported.DistinctBy(d => d.Name))
        {
            var holder = Holder(definition.Name);
            bool isTaken = holder is { Plugin: not null } && holder.Plugin != plugin;
            if (isTaken && holder!.Reported.Contains(definition.Name))
            {
                continue;
            }
            granted.Add(definition.Name);
            if (holder is not null && !isTaken)
            {
                holder.Plugin = plugin;
                holder.Reported.Add(definition.Name);
                Find(definition.Name)!.Redefine(definition, holder.LastStep);
                continue;
            }
            var column = Find(definition.Name) ?? new ReferenceColumn(definition);
            if (holder is not null)
            {
                // What another plugin has left over brings its history, but no unfinished step.
                column.Forget();
                holder.Columns.Remove(column);
                step = Math.Max(step, Math.Max(lastStep, holder.LastStep));
            }
            settling.Add((column, definition));
        }
        Settle(plugin, settling, step, lastStep);
        Tiles.RemoveAll(t => t.Columns.Count == 0);
        foreach (var tile in Of(plugin).Where(t => t.Reported.Count == 0))
        {
            tile.EndUnknown(Math.Max(lastStep, tile.LastStep));
            tile.Plugin = null;
        }
        return granted;
    }

    public void Release(string plugin) => Of(plugin).ForEach(t =>
    {
        t.Plugin = null;
        t.Reported.Clear();
    });

    public bool Remove(string name)
    {
        if (Holder(name) is not { } tile)
        {
            return false;
        }
        tile.Columns.RemoveAll(c => c.Definition.Name == name);
        tile.Reported.Remove(name);
        return tile.Columns.Count > 0 || Tiles.Remove(tile);
    }

    private ReferenceTile? Holder(string name) => Tiles.Find(t => t.Columns.Exists(c => c.Definition.Name == name));

    /// <summary>New columns join the newest tile of their plugin, for tests have few of them.</summary>
    private void Settle(string plugin, List<(ReferenceColumn Column, DataSource Definition)> columns, long step, long lastStep)
    {
        if (columns.Count == 0)
        {
            return;
        }
        var tile = Of(plugin).MaxBy(t => t.LastStep);
        if (tile is null)
        {
            tile = new ReferenceTile(stepSeconds, Math.Max(step, lastStep)) { Plugin = plugin };
            Tiles.Add(tile);
        }
        else if (tile.LastStep < step)
        {
            tile.EndUnknown(step);
        }
        foreach (var (column, definition) in columns)
        {
            column.Redefine(definition, tile.LastStep);
            tile.Columns.Add(column);
            tile.Reported.Add(definition.Name);
        }
    }
}
