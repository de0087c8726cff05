using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <summary>The way from the values of one page to the tiles of one owner. While the page's data sources and the tiles stay the same, so
/// does it; else what stays of it is kept.</summary>
/// <param name="owned">The owner's RRD.</param>
internal sealed class OwnerRoute(OwnedRrd owned)
{
    private readonly List<TileRoute> _tiles = [];

    public OwnedRrd Owned => owned;

    public bool IsEmpty => _tiles.Count == 0;

    /// <summary>How many values the widest of its tiles takes.</summary>
    public int Columns => _tiles.Select(t => t.Columns).DefaultIfEmpty().Max();

    /// <summary>Whether a tile has been replaced by another one since: the way of its values is to be found again.</summary>
    public bool IsOutdated
    {
        get
        {
            foreach (var route in _tiles)
            {
                if (route.Tile.IsReplaced)
                {
                    return true;
                }
            }
            return false;
        }
    }

    /// <summary>The page's values stand in other places.</summary>
    /// <param name="placeNow">For each value of before its place now; -1 where it is not there any more.</param>
    /// <param name="isRouted">Set for each value, in its place now, whose way is known.</param>
    public void Move(ReadOnlySpan<int> placeNow, Span<bool> isRouted)
    {
        _tiles.RemoveAll(t => t.Tile.IsReplaced);
        foreach (var tile in _tiles)
        {
            tile.Move(placeNow, isRouted);
        }
    }

    /// <summary>Whether a value goes to a column.</summary>
    public bool Has(ColumnPlace place) => _tiles.Find(t => t.Tile == place.Tile) is { } route && route.ValueOf[place.Column] >= 0;

    /// <summary>A value goes to a column.</summary>
    /// <param name="value">Its place on the page.</param>
    public void Set(ColumnPlace place, int value)
    {
        var route = _tiles.Find(t => t.Tile == place.Tile);
        if (route is null)
        {
            _tiles.Add(route = new TileRoute(place.Tile));
        }
        route.Set(place.Column, value);
    }

    /// <summary>Finds the columns of tiles that were replaced where they are now, and leaves out tiles of which nothing is reported.</summary>
    public void Renew()
    {
        foreach (var replaced in _tiles.FindAll(t => t.Tile.IsReplaced))
        {
            _tiles.Remove(replaced);
            for (int column = 0; column < replaced.Columns; column++)
            {
                if (replaced.ValueOf[column] is >= 0 and var value && owned.Rrd.Find(replaced.Tile.Columns[column].Name) is { } place)
                {
                    Set(place, value);
                }
            }
        }
        _tiles.RemoveAll(t => t.IsEmpty);
    }

    /// <inheritdoc cref="TileRoute.RestartCounters"/>
    public void RestartCounters(IReadOnlySet<int> values)
    {
        lock (owned.Gate)
        {
            _tiles.ForEach(t => t.RestartCounters(values));
        }
    }

    /// <param name="values">Those of the page.</param>
    /// <param name="scratch">Room for at least as many as there are columns.</param>
    public void Update(double time, ReadOnlySpan<long> values, long throughStep, Span<long> scratch)
    {
        lock (owned.Gate)
        {
            foreach (var tile in _tiles)
            {
                tile.Update(time, values, throughStep, scratch);
            }
        }
    }

    /// <summary>Ends the steps up to this one as unknown. The next sample starts anew.</summary>
    public void EndUnknown(long step) => Do(t => t.EndUnknown(step));

    /// <summary>Ends the steps up to this one as unknown, for a sample that could not be read.</summary>
    public void MissSample(long step) => Do(t => t.MissSample(step));

    /// <summary>No interval leads over this moment: the clock was set.</summary>
    public void StartAnew() => Do(t => t.StartAnew());

    /// <summary>Takes back what a failed update left half done, and ends the steps up to this one as unknown.</summary>
    /// <returns>False where the tiles cannot be used.</returns>
    public bool TryAbandon(long step)
    {
        try
        {
            Do(t => t.Rollback());
            MissSample(step);
            return true;
        }
        catch (Exception)
        {
            // The fault that brought us here is in the log; without its route a tile is late, so its values are unknown.
            return false;
        }
    }

    /// <summary>The plugin is gone; its history can go over to another one.</summary>
    public void Release(string uid)
    {
        lock (owned.Gate)
        {
            owned.Rrd.Release(uid);
        }
    }

    private void Do(Action<Tile> act)
    {
        lock (owned.Gate)
        {
            foreach (var route in _tiles)
            {
                // Its memory may be another's by now.
                if (!route.Tile.IsReplaced)
                {
                    act(route.Tile);
                }
            }
        }
    }
}
