using CollectorAgent.Rrd;

namespace CollectorAgent.Sampling;

/// <summary>The way from the values of one page to one tile.</summary>
internal sealed class TileRoute
{
    private readonly int[] _valueOf;
    private readonly bool[] _known;

    /// <param name="tile">The tile.</param>
    /// <param name="valueOf">For each column the place of its value on the page; -1 where the page does not have it.</param>
    public TileRoute(Tile tile, int[] valueOf)
    {
        Tile = tile;
        _valueOf = valueOf;
        _known = [.. valueOf.Select(v => v >= 0)];
    }

    public Tile Tile { get; }

    public int Columns => _valueOf.Length;

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
