using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <summary>Finds the tiles for what a page reports, and makes those that are missing.</summary>
/// <param name="recordVms">Whether a VM is recorded that nobody has told of.</param>
internal sealed class RouteFinder(RrdStore store, RecordVms recordVms, TimeProvider time)
{
    /// <summary>Once a tick has looked for routes this long, what else has changed waits for the next one, but for an owner a page.</summary>
    private static readonly TimeSpan MaxSearch = TimeSpan.FromMilliseconds(25);

    /// <summary>The same for a tick that begins with some that wait: they come to their turn sooner.</summary>
    private static readonly TimeSpan MaxSearchForWaiting = 2 * MaxSearch;

    private readonly Dictionary<string, HashSet<RrdOwner>> _begun = new(StringComparer.Ordinal);
    private readonly HashSet<OwnedRrd> _uncommitted = [];
    private TimeSpan _searched;
    private TimeSpan _most = MaxSearch;

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
        _most = IsExhausted ? MaxSearchForWaiting : MaxSearch;
        _searched = TimeSpan.Zero;
    }

    /// <summary>Whether this tick has looked for routes long enough: pages that change wait for the next one.</summary>
    public bool IsExhausted => _searched > _most;

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

    /// <summary>Counts the time that a part of the work took which a changed page costs.</summary>
    /// <param name="started">When it began.</param>
    public void Spend(long started) => _searched += time.GetElapsedTime(started);

    /// <summary>Finds the way of every value that is recorded. What costs time is what has changed.</summary>
    /// <param name="uid">Whose page it is.</param>
    /// <param name="sources">What the page reports, in the order of its values.</param>
    /// <param name="sourcesBefore">What it reported when its routes were looked for last.</param>
    /// <param name="permit">What may be reported.</param>
    /// <param name="previous">The routes until now. They are changed.</param>
    /// <param name="isAnew">Whether nothing that was found before counts.</param>
    /// <param name="step">The step that this tick ends.</param>
    public RoutedPage Find(
        string uid,
        IReadOnlyList<ReportedSource> sources,
        IReadOnlyList<ReportedSource> sourcesBefore,
        PagePermit permit,
        IReadOnlyList<OwnerRoute> previous,
        bool isAnew,
        long step)
    {
        var change = new PageChange(sourcesBefore, sources);
        var search = new RouteSearch(uid, sources, step);
        foreach (var route in previous.Where(r => !isAnew && store.Find(r.Owned.Owner) == r.Owned && !Departures.Has(r.Owned.Owner)))
        {
            search.Keep(route, change);
        }
        search.Gather(sourcesBefore, change, permit);
        search.Owners.UnionWith(isAnew ? previous.Select(p => p.Owned.Owner) : []);
        if (!Departures.IsEmpty)
        {
            Departures.Note(uid, sources.Where(permit.Allows).Select(s => s.Owner.ToRrdOwner()).ToHashSet());
        }
        bool isFirst = true;
        bool hasBegun = false;
        foreach (var owner in search.Owners)
        {
            var owned = store.Find(owner);
            if (Departures.Has(owner) || (owned is null && !(Begins(owner) && search.New(owner).Exists(s => sources[s].IsDefault))))
            {
                continue;
            }
            long started = time.GetTimestamp();
            bool isNew = owned is null;
            if (IsExhausted && (isNew ? hasBegun : !isFirst))
            {
                search.Postpone(owner);
                continue;
            }
            owned ??= Begin(uid, owner, search.Routed);
            if (owned is not null)
            {
                isFirst = false;
                hasBegun |= isNew;
                lock (owned.Gate)
                {
                    Route(search, owned);
                }
            }
            Spend(started);
        }
        return search.End(change.Reborn);
    }

    /// <summary>Makes the RRD of an owner that a page reports; null where there are too many.</summary>
    private OwnedRrd? Begin(string uid, RrdOwner owner, RoutedPage routed)
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
        begun.Add(owner);
        return store.FindOrCreate(owner, LayoutOf(owner, WithMinMax));
    }

    private bool Begins(RrdOwner owner) => recordVms == RecordVms.Resident || owner.Kind != RrdOwnerKind.Vm;

    private void Route(RouteSearch search, OwnedRrd owned)
    {
        var rrd = owned.Rrd;
        var (recorded, dropped) = search.Changes(owned);
        if (recorded.Count == 0 && (dropped is null ? !rrd.Tiles.Any(t => t.Plugin == search.Uid) : dropped.Count == 0))
        {
            return;
        }
        var places = new ColumnPlace?[recorded.Count];
        var claim = rrd.Claim(
            search.Uid, [.. recorded.Select(r => search.Sources[r].ToDataSource())], search.Step - 1, places, _cellsLeft, commits: false, dropped);
        _cellsLeft -= claim.CopiedCells;
        if (claim.IsChanged)
        {
            _uncommitted.Add(owned);
        }
        search.Take(owned, claim, recorded, places);
    }
}
