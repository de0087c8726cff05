using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <summary>Finds the tiles for what a page reports, and makes those that are missing.</summary>
/// <param name="recordVms">Whether a VM is recorded that nobody has told of.</param>
internal sealed class RouteFinder(RrdStore store, RecordVms recordVms, TimeProvider time)
{
    /// <summary>Owners that a page begins have to wait for the next tick once so much time of this one went into new files, but for one a page.</summary>
    private static readonly TimeSpan MaxBeginning = TimeSpan.FromMilliseconds(25);

    private readonly Dictionary<string, HashSet<RrdOwner>> _begun = new(StringComparer.Ordinal);
    private readonly HashSet<OwnedRrd> _uncommitted = [];
    private TimeSpan _beginning;

    // Cells of history that claims may still copy in this tick; one tile's are copied in any case.
    private long _cellsLeft;

    /// <summary>VMs and SRs that have left.</summary>
    public Departures Departures { get; } = new();

    /// <summary>What an owner's RRD keeps that does not exist yet.</summary>
    public static ArchiveLayout LayoutOf(RrdOwner owner, bool withMinMax) =>
        withMinMax || owner.Kind == RrdOwnerKind.Host ? ArchiveLayout.AveragesMinMax : ArchiveLayout.Averages;

    /// <summary>Whether new RRDs of VMs and SRs keep minima and maxima as well.</summary>
    public bool WithMinMax { get; set; }

    /// <summary>A tick begins, with as much time and work as each has.</summary>
    /// <param name="maxCells">Cells of history that claims may copy.</param>
    public void StartTick(long maxCells)
    {
        _cellsLeft = maxCells;
        _beginning = TimeSpan.Zero;
        IsAnyWaiting = false;
    }

    /// <summary>Whether any page has owners that wait for the next tick.</summary>
    public bool IsAnyWaiting { get; private set; }

    /// <summary>Says in the files what their owners consist of since this tick: once each, however many pages have changed.</summary>
    public void Commit()
    {
        foreach (var owned in _uncommitted)
        {
            lock (owned.Gate)
            {
                if (!owned.Rrd.IsEmptied)
                {
                    owned.Rrd.Commit();
                }
            }
        }
        _uncommitted.Clear();
    }

    /// <summary>A page is gone, and with it what it has begun.</summary>
    public void Forget(string uid) => _begun.Remove(uid);

    /// <summary>Finds the way of every value that is recorded.</summary>
    /// <param name="uid">Whose page it is.</param>
    /// <param name="sources">What the page reports, in the order of its values.</param>
    /// <param name="sourcesBefore">What it reported in the sample before.</param>
    /// <param name="permit">What may be reported.</param>
    /// <param name="previous">The routes until now; owners that the page no longer has keep theirs, with every column unknown.</param>
    /// <param name="step">The step that this tick ends.</param>
    public RoutedPage Find(
        string uid,
        IReadOnlyList<ReportedSource> sources,
        IReadOnlyList<ReportedSource> sourcesBefore,
        PagePermit permit,
        IEnumerable<OwnerRoute> previous,
        long step)
    {
        var routed = new RoutedPage();
        bool[] isReborn = Reborn(sources, sourcesBefore);
        var byOwner = sources.Index().Where(s => permit.Allows(s.Item)).GroupBy(s => s.Item.Owner).ToDictionary(g => g.Key.ToRrdOwner(), g => g.ToList());
        Departures.Note(uid, byOwner.Keys.ToHashSet());
        var owners = byOwner.Keys.Union(previous.Select(p => p.Owned.Owner)).ToList();
        bool hasBegun = false;
        foreach (var owner in owners)
        {
            long started = time.GetTimestamp();
            var reported = byOwner.GetValueOrDefault(owner) ?? [];
            var owned = store.Find(owner);
            if (Departures.Has(owner) || (owned is null && !(Begins(owner) && reported.Exists(r => r.Item.IsDefault))))
            {
                continue;
            }
            bool isNew = owned is null;
            owned ??= Begin(uid, owner, routed, hasBegun);
            if (owned is null)
            {
                continue;
            }
            hasBegun |= isNew;
            lock (owned.Gate)
            {
                // What is only offered is recorded where somebody asked for it: then the RRD has it.
                var recorded = reported.FindAll(r => r.Item.IsDefault || owned.Rrd.Find(r.Item.Name) is not null);
                if (Route(uid, owned, recorded, isReborn, step, routed) is { } route)
                {
                    routed.Routes.Add(route);
                }
            }
            _beginning += isNew ? time.GetElapsedTime(started) : TimeSpan.Zero;
        }
        return routed;
    }

    /// <summary>Makes the RRD of an owner that a page reports; null where it has to wait, or there are too many.</summary>
    private OwnedRrd? Begin(string uid, RrdOwner owner, RoutedPage routed, bool hasBegun)
    {
        if (!_begun.TryGetValue(uid, out var begun))
        {
            _begun.Add(uid, begun = []);
        }
        if (begun.Count >= Sampler.MaxOwnersOfPage)
        {
            begun.RemoveWhere(o => store.Find(o) is null);
        }
        if (begun.Count >= Sampler.MaxOwnersOfPage || store.Count >= Sampler.MaxOwners)
        {
            routed.Refused.Add($"{owner.FileName}: there are too many owners (limit {Sampler.MaxOwnersOfPage} a page, {Sampler.MaxOwners} in all)");
            return null;
        }
        if (hasBegun && _beginning > MaxBeginning)
        {
            routed.Waiting++;
            IsAnyWaiting = true;
            return null;
        }
        begun.Add(owner);
        return store.FindOrCreate(owner, LayoutOf(owner, WithMinMax));
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

    private OwnerRoute? Route(
        string uid, OwnedRrd owned, List<(int Index, ReportedSource Item)> recorded, bool[] isReborn, long step, RoutedPage routed)
    {
        if (recorded.Count == 0 && !owned.Rrd.Tiles.Any(t => t.Plugin == uid))
        {
            return null;
        }
        var places = new ColumnPlace?[recorded.Count];
        var claim = owned.Rrd.Claim(uid, [.. recorded.Select(r => r.Item.ToDataSource())], step - 1, places, _cellsLeft, commits: false);
        _cellsLeft -= claim.CopiedCells;
        if (claim.IsChanged)
        {
            _uncommitted.Add(owned);
        }
        routed.Waiting += claim.Waiting;
        routed.Retired += claim.Retired;
        var tiles = new Dictionary<Tile, (int[] ValueOf, bool[] Restarts)>();
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i] is not { } place)
            {
                if (claim.Waiting == 0)
                {
                    routed.Refused.Add($"{recorded[i].Item.Owner}: {recorded[i].Item.Name}");
                }
                continue;
            }
            if (!tiles.TryGetValue(place.Tile, out var route))
            {
                route = (new int[place.Tile.Columns.Count], new bool[place.Tile.Columns.Count]);
                Array.Fill(route.ValueOf, -1);
                tiles.Add(place.Tile, route);
            }
            route.ValueOf[place.Column] = recorded[i].Index;
            route.Restarts[place.Column] = isReborn[recorded[i].Index];
        }
        foreach (var (tile, route) in tiles.Where(t => t.Value.Restarts.Contains(true)))
        {
            tile.RestartCounters(route.Restarts);
        }
        return tiles.Count == 0 ? null : new OwnerRoute(owned, [.. tiles.Select(t => new TileRoute(t.Key, t.Value.ValueOf))]);
    }
}
