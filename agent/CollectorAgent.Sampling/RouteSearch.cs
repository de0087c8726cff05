using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <summary>The search for the routes of one page: what is kept of them, and what is still to be found, owner by owner.</summary>
/// <param name="uid">Whose page it is.</param>
/// <param name="sources">What the page reports, in the order of its values.</param>
/// <param name="step">The step that this tick ends.</param>
internal sealed class RouteSearch(string uid, IReadOnlyList<ReportedSource> sources, long step)
{
    private static readonly List<int> Nothing = [];

    private readonly Dictionary<RrdOwner, OwnerRoute> _routes = [];
    private readonly bool[] _isRouted = new bool[sources.Count];

    // Values without a way, by their places, and names that are reported no longer.
    private readonly Dictionary<RrdOwner, List<int>> _new = [];
    private readonly Dictionary<RrdOwner, List<string>> _gone = [];

    public string Uid => uid;

    public IReadOnlyList<ReportedSource> Sources => sources;

    public long Step => step;

    public RoutedPage Routed { get; } = new();

    /// <summary>Those of which something has changed.</summary>
    public HashSet<RrdOwner> Owners { get; } = [];

    /// <summary>Keeps what has stayed of a route.</summary>
    public void Keep(OwnerRoute route, PageChange change)
    {
        route.Move(change.PlaceNow, _isRouted);
        _routes.Add(route.Owned.Owner, route);
    }

    /// <summary>Finds out what has no route yet, and what is reported no longer.</summary>
    public void Gather(IReadOnlyList<ReportedSource> sourcesBefore, PageChange change, PagePermit permit)
    {
        for (int i = 0; i < _isRouted.Length; i++)
        {
            if (_isRouted[i])
            {
                continue;
            }
            if (permit.Allows(sources[i]))
            {
                ListOf(_new, sources[i].Owner).Add(i);
            }
            else
            {
                Routed.Forbidden.Add(sources[i]);
            }
        }
        for (int i = 0; i < sourcesBefore.Count; i++)
        {
            if (change.PlaceNow[i] < 0)
            {
                ListOf(_gone, sourcesBefore[i].Owner).Add(sourcesBefore[i].Name);
            }
        }
    }

    /// <summary>The places of an owner's values that have no route.</summary>
    public List<int> New(RrdOwner owner) => _new.GetValueOrDefault(owner) ?? Nothing;

    /// <summary>An owner has to wait: the next search looks for all of its routes.</summary>
    public void Postpone(RrdOwner owner)
    {
        _routes.Remove(owner);
        Routed.WaitingOwners++;
    }

    /// <summary>What is to be claimed for an owner.</summary>
    /// <returns>Places of values on the page, and names that are reported no longer; null where the values are all that is reported.</returns>
    public (List<int> Recorded, List<string>? Dropped) Changes(OwnedRrd owned)
    {
        // What is only offered is recorded where somebody asked for it: then the RRD has it.
        var recorded = New(owned.Owner).FindAll(s => sources[s].IsDefault || owned.Rrd.Find(sources[s].Name) is not null);
        if (!_routes.TryGetValue(owned.Owner, out var route))
        {
            return (recorded, null);
        }
        bool IsRouted(string name) => owned.Rrd.Find(name) is { } place && route.Has(place);
        recorded.FindAll(s => IsRouted(sources[s].Name)).ForEach(Refuse);
        recorded.RemoveAll(s => IsRouted(sources[s].Name));
        return (recorded, [.. (_gone.GetValueOrDefault(owned.Owner) ?? []).Where(n => !IsRouted(n))]);
    }

    /// <summary>Takes up what came of a claim.</summary>
    /// <param name="recorded">The places of the values that were claimed.</param>
    /// <param name="places">Where each of them goes; null where it was refused, or has to wait.</param>
    public void Take(OwnedRrd owned, ClaimResult claim, List<int> recorded, ColumnPlace?[] places)
    {
        if (!_routes.TryGetValue(owned.Owner, out var route))
        {
            _routes.Add(owned.Owner, route = new OwnerRoute(owned));
        }
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i] is { } place)
            {
                route.Set(place, recorded[i]);
            }
            else if (claim.Waiting == 0)
            {
                Refuse(recorded[i]);
            }
        }
        route.Renew();
        Routed.Waiting += claim.Waiting;
        Routed.Retired += claim.Retired;
    }

    /// <param name="reborn">Places of values whose counters began anew at 0.</param>
    public RoutedPage End(IReadOnlySet<int> reborn)
    {
        Routed.Routes.AddRange(_routes.Values.Where(r => !r.IsEmpty));
        if (reborn.Count > 0)
        {
            Routed.Routes.ForEach(r => r.RestartCounters(reborn));
        }
        return Routed;
    }

    private void Refuse(int place) => Routed.Refused.Add($"{sources[place].Owner}: {sources[place].Name}");

    private List<T> ListOf<T>(Dictionary<RrdOwner, List<T>> lists, Owner owner)
    {
        var key = owner.ToRrdOwner();
        if (!lists.TryGetValue(key, out var list))
        {
            lists.Add(key, list = []);
            Owners.Add(key);
        }
        return list;
    }
}
