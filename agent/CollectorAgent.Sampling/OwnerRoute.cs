using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <summary>The way from the values of one page to the tiles of one owner, found once for as long as the metadata stays the same.</summary>
/// <param name="owned">The owner's RRD.</param>
/// <param name="tiles">The plugin's tiles in it of which the page reports something.</param>
internal sealed class OwnerRoute(OwnedRrd owned, IReadOnlyList<TileRoute> tiles)
{
    private readonly TileRoute[] _tiles = [.. tiles];

    public OwnedRrd Owned => owned;

    /// <summary>How many values the widest of its tiles takes.</summary>
    public int Columns { get; } = tiles.Max(t => t.Columns);

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
                act(route.Tile);
            }
        }
    }
}
