using CollectorAgent.Rrd;

namespace CollectorAgent.Sampling;

/// <summary>The way from the values of one page to one tile.</summary>
internal sealed class TileRoute
{
    private readonly int[] _valueOf;
    private readonly bool[] _known;

    public TileRoute(Tile tile)
    {
        Tile = tile;
        _valueOf = new int[tile.Columns.Count];
        _valueOf.AsSpan().Fill(-1);
        _known = new bool[tile.Columns.Count];
    }

    public Tile Tile { get; }

    public int Columns => _valueOf.Length;

    public bool IsEmpty => !_known.AsSpan().Contains(true);

    /// <summary>For each column the place of its value on the page; -1 where the page does not have it.</summary>
    public ReadOnlySpan<int> ValueOf => _valueOf;

    public void Set(int column, int value)
    {
        _valueOf[column] = value;
        _known[column] = value >= 0;
    }

    /// <inheritdoc cref="OwnerRoute.Move"/>
    public void Move(ReadOnlySpan<int> placeNow, Span<bool> isRouted)
    {
        for (int column = 0; column < _valueOf.Length; column++)
        {
            if (_valueOf[column] is >= 0 and var before)
            {
                int now = placeNow[before];
                Set(column, now);
                if (now >= 0)
                {
                    isRouted[now] = true;
                }
            }
        }
    }

    /// <summary>The counters of some values began anew at 0.</summary>
    /// <param name="values">Their places on the page.</param>
    public void RestartCounters(IReadOnlySet<int> values)
    {
        bool[] restarts = [.. _valueOf.Select(values.Contains)];
        if (restarts.Contains(true))
        {
            Tile.RestartCounters(restarts);
        }
    }

    /// <inheritdoc cref="OwnerRoute.Update"/>
    public void Update(double time, ReadOnlySpan<long> values, long throughStep, Span<long> scratch)
    {
        var raw = scratch[.._valueOf.Length];
        for (int i = 0; i < raw.Length; i++)
        {
            int place = _valueOf[i];
            raw[i] = place >= 0 ? values[place] : 0;
        }
        Tile.Update(time, raw, _known, throughStep);
    }
}
