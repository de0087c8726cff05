using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <summary>Owners that have left this host while plugins still reported them: a last sample that comes late begins no new history.</summary>
/// <remarks>Belongs to the thread that ticks.</remarks>
internal sealed class Departures
{
    // Who still reports them.
    private readonly Dictionary<RrdOwner, HashSet<string>> _reporters = [];

    public bool IsEmpty => _reporters.Count == 0;

    public bool Has(RrdOwner owner) => _reporters.ContainsKey(owner);

    /// <summary>An owner has left.</summary>
    /// <param name="reporters">The plugins that report it now.</param>
    public void Add(RrdOwner owner, IEnumerable<string> reporters)
    {
        var uids = reporters.ToHashSet(StringComparer.Ordinal);
        if (uids.Count > 0)
        {
            _reporters[owner] = uids;
        }
    }

    /// <summary>It is told of anew.</summary>
    public void Remove(RrdOwner owner) => _reporters.Remove(owner);

    /// <summary>What a plugin reports from now on: an owner that it has left out once is a new one when it comes again.</summary>
    public void Note(string uid, IReadOnlySet<RrdOwner> reported)
    {
        foreach (var (owner, uids) in _reporters.Where(r => !reported.Contains(r.Key)).ToList())
        {
            if (uids.Remove(uid) && uids.Count == 0)
            {
                _reporters.Remove(owner);
            }
        }
    }
}
