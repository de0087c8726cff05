using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <summary>Finds the tiles for what a page reports, and makes those that are missing.</summary>
/// <param name="recordVms">Whether a VM is recorded that nobody has told of.</param>
internal sealed class RouteFinder(RrdStore store, RecordVms recordVms)
{
    /// <summary>VMs and SRs that have left.</summary>
    public Departures Departures { get; } = new();

    /// <summary>What an owner's RRD keeps that does not exist yet.</summary>
    public static ArchiveLayout LayoutOf(RrdOwner owner, bool withMinMax) =>
        withMinMax || owner.Kind == RrdOwnerKind.Host ? ArchiveLayout.AveragesMinMax : ArchiveLayout.Averages;

    /// <summary>Whether new RRDs of VMs and SRs keep minima and maxima as well.</summary>
    public bool WithMinMax { get; set; }

    /// <summary>Finds the way of every value that is recorded.</summary>
    /// <param name="uid">Whose page it is.</param>
    /// <param name="sources">What the page reports, in the order of its values.</param>
    /// <param name="sourcesBefore">What it reported in the sample before.</param>
    /// <param name="permit">What may be reported.</param>
    /// <param name="previous">The routes until now; owners that the page no longer has keep theirs, with every column unknown.</param>
    /// <param name="step">The step that this tick ends.</param>
    /// <param name="refused">Names that stand on the page twice or belong to another plugin are added to it.</param>
    public OwnerRoute[] Find(
        string uid,
        IReadOnlyList<ReportedSource> sources,
        IReadOnlyList<ReportedSource> sourcesBefore,
        PagePermit permit,
        IEnumerable<OwnerRoute> previous,
        long step,
        List<string> refused)
    {
        bool[] isReborn = Reborn(sources, sourcesBefore);
        var byOwner = sources.Index().Where(s => permit.Allows(s.Item)).GroupBy(s => s.Item.Owner).ToDictionary(g => g.Key.ToRrdOwner(), g => g.ToList());
        Departures.Note(uid, byOwner.Keys.ToHashSet());
        var owners = byOwner.Keys.Union(previous.Select(p => p.Owned.Owner)).ToList();
        var routes = new List<OwnerRoute>(owners.Count);
        foreach (var owner in owners)
        {
            var reported = byOwner.GetValueOrDefault(owner) ?? [];
            var owned = store.Find(owner);
            if (Departures.Has(owner) || (owned is null && !(Begins(owner) && reported.Exists(r => r.Item.IsDefault))))
            {
                continue;
            }
            owned ??= store.FindOrCreate(owner, LayoutOf(owner, WithMinMax));
            lock (owned.Gate)
            {
                // What is only offered is recorded where somebody asked for it: then the RRD has it.
                var recorded = reported.FindAll(r => r.Item.IsDefault || owned.Rrd.Find(r.Item.Name) is not null);
                if (Route(uid, owned, recorded, isReborn, step, refused) is { } route)
                {
                    routes.Add(route);
                }
            }
        }
        return [.. routes];
    }

    private bool Begins(RrdOwner owner) => recordVms == RecordVms.Resident || owner.Kind != RrdOwnerKind.Vm;

    /// <summary>Which data sources, by their place, are in another incarnation than before.</summary>
    private static bool[] Reborn(IReadOnlyList<ReportedSource> sources, IReadOnlyList<ReportedSource> sourcesBefore)
    {
        var before = new Dictionary<(Owner, string), string>();
        foreach (var source in sourcesBefore.Where(s => s.Incarnation.Length > 0))
        {
            before[(source.Owner, source.Name)] = source.Incarnation;
        }
        return
        [
            .. sources.Select(s =>
                s.Incarnation.Length > 0 && before.TryGetValue((s.Owner, s.Name), out string? old) && old != s.Incarnation),
        ];
    }

    private static OwnerRoute? Route(
        string uid, OwnedRrd owned, List<(int Index, ReportedSource Item)> recorded, bool[] isReborn, long step, List<string> refused)
    {
        if (recorded.Count == 0 && !owned.Rrd.Tiles.Any(t => t.Plugin == uid))
        {
            return null;
        }
        int[] columns = new int[recorded.Count];
        var tile = owned.Rrd.Claim(uid, [.. recorded.Select(r => r.Item.ToDataSource())], step - 1, columns);
        int[] valueOf = new int[tile.Columns.Count];
        Array.Fill(valueOf, -1);
        bool[] restarts = new bool[valueOf.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            if (columns[i] < 0)
            {
                refused.Add($"{recorded[i].Item.Owner}: {recorded[i].Item.Name}");
            }
            else
            {
                valueOf[columns[i]] = recorded[i].Index;
                restarts[columns[i]] = isReborn[recorded[i].Index];
            }
        }
        if (restarts.Contains(true))
        {
            tile.RestartCounters(restarts);
        }
        if (columns.All(c => c < 0) && tile.Columns.Count == 0)
        {
            owned.Rrd.Release(uid);
            return null;
        }
        return new OwnerRoute(owned, tile, valueOf);
    }
}
