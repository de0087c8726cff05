using CollectorAgent.Protocol;

namespace CollectorAgent.Sampling;

/// <summary>What is different about the data sources of a page since its values were routed last.</summary>
/// <remarks>Most stay in their places, so places are compared first; names are looked up only where that does not tell.</remarks>
internal sealed class PageChange
{
    private readonly IReadOnlyList<ReportedSource> _before;
    private readonly IReadOnlyList<ReportedSource> _now;
    private readonly int[] _placeNow;
    private readonly bool[] _isFound;
    private readonly HashSet<int> _reborn = [];

    public PageChange(IReadOnlyList<ReportedSource> before, IReadOnlyList<ReportedSource> now)
    {
        _before = before;
        _now = now;
        _placeNow = new int[before.Count];
        _placeNow.AsSpan().Fill(-1);
        _isFound = new bool[now.Count];
        int shorter = Math.Min(before.Count, now.Count);
        int front = 0;
        while (front < shorter && TryMatch(front, front))
        {
            front++;
        }
        int back = 0;
        while (back < shorter - front && TryMatch(before.Count - 1 - back, now.Count - 1 - back))
        {
            back++;
        }
        for (int place = front; before.Count == now.Count && place < now.Count - back; place++)
        {
            TryMatch(place, place);
        }
        MatchMoved(front, before.Count - back, now.Count - back);
    }

    /// <summary>For each data source of before its place now; -1 where it is not there any more, or is kept as something else.</summary>
    public ReadOnlySpan<int> PlaceNow => _placeNow;

    /// <summary>Places, as they are now, of those in another incarnation than before.</summary>
    public IReadOnlySet<int> Reborn => _reborn;

    /// <summary>Finds those that stand in another place, by name.</summary>
    private void MatchMoved(int start, int endBefore, int endNow)
    {
        var places = new Dictionary<(Owner, string), int>();
        for (int i = start; i < endNow; i++)
        {
            if (!_isFound[i])
            {
                places.TryAdd((_now[i].Owner, _now[i].Name), i);
            }
        }
        for (int i = start; i < endBefore && places.Count > 0; i++)
        {
            if (_placeNow[i] < 0 && places.Remove((_before[i].Owner, _before[i].Name), out int place))
            {
                NoteIncarnation(i, place);
                TryMatch(i, place);
            }
        }
    }

    private bool TryMatch(int placeBefore, int placeNow)
    {
        var (before, now) = (_before[placeBefore], _now[placeNow]);
        if (!ReferenceEquals(before, now))
        {
            if (!IsKeptAlike(before, now))
            {
                return false;
            }
            NoteIncarnation(placeBefore, placeNow);
        }
        _placeNow[placeBefore] = placeNow;
        _isFound[placeNow] = true;
        return true;
    }

    private void NoteIncarnation(int placeBefore, int placeNow)
    {
        string before = _before[placeBefore].Incarnation;
        string now = _now[placeNow].Incarnation;
        if (before.Length > 0 && now.Length > 0 && before != now)
        {
            _reborn.Add(placeNow);
        }
    }

    private static bool IsKeptAlike(ReportedSource before, ReportedSource now) =>
        before.Name == now.Name
        && before.Owner == now.Owner
        && before.Type == now.Type
        && before.IsInteger == now.IsInteger
        && before.IsInverse == now.IsInverse
        && before.IsDefault == now.IsDefault
        && before.Min.Equals(now.Min)
        && before.Max.Equals(now.Max);
}
