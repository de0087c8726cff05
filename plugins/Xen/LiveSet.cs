namespace CollectorAgent.XenPlugin;

/// <summary>What is there, in the order in which it appeared. While nothing comes or goes, going through it allocates nothing.</summary>
/// <remarks>What was not there for a sample is forgotten: if it comes back under its key, it is another one.</remarks>
internal sealed class LiveSet<TKey, T>(Func<TKey, T> create)
    where TKey : struct, IEquatable<TKey>
    where T : class
{
    private readonly Dictionary<TKey, Entry> _byKey = [];
    private readonly List<Entry> _entries = [];
    private int _sample;

    public int Count => _entries.Count;

    public T this[int index] => _entries[index].Item;

    public void Begin() => _sample++;

    /// <summary>Says that this is there.</summary>
    public T See(TKey key)
    {
        if (!_byKey.TryGetValue(key, out var entry))
        {
            entry = new Entry(key, create(key));
            _byKey.Add(key, entry);
            _entries.Add(entry);
        }
        entry.LastSeen = _sample;
        return entry.Item;
    }

    public T? Find(TKey key) => _byKey.TryGetValue(key, out var entry) ? entry.Item : null;

    /// <summary>Forgets what has not been seen since <see cref="Begin"/>.</summary>
    public void End()
    {
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            if (_entries[i].LastSeen != _sample)
            {
                _byKey.Remove(_entries[i].Key);
                _entries.RemoveAt(i);
            }
        }
    }

    private sealed class Entry(TKey key, T item)
    {
        public TKey Key => key;

        public T Item => item;

        public int LastSeen { get; set; }
    }
}
