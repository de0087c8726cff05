using CollectorAgent.Rrd;
using CollectorAgent.Store;

namespace CollectorAgent.Sampling;

/// <summary>The way from the values of one page to the tile of one owner, found once for as long as the metadata stays the same.</summary>
internal sealed class OwnerRoute
{
    private readonly OwnedRrd _owned;
    private readonly Tile _tile;
    private readonly int[] _valueOf;
    private readonly bool[] _known;

    /// <param name="tile">The plugin's tile in the RRD.</param>
    /// <param name="valueOf">For each column the place of its value on the page; -1 where the page does not have it.</param>
    public OwnerRoute(OwnedRrd owned, Tile tile, int[] valueOf)
    {
        _owned = owned;
        _tile = tile;
        _valueOf = valueOf;
        _known = [.. valueOf.Select(v => v >= 0)];
    }

    public OwnedRrd Owned => _owned;

    /// <summary>How many values it takes.</summary>
    public int Columns => _valueOf.Length;

    /// <param name="values">Those of the page.</param>
    /// <param name="scratch">Room for at least as many as there are columns.</param>
    public void Update(double time, ReadOnlySpan<long> values, long throughStep, Span<long> scratch)
    {
        var raw = scratch[.._valueOf.Length];
        for (int i = 0; i < raw.Length; i++)
        {
            int place = _valueOf[i];
            raw[i] = place >= 0 ? values[place] : 0;
        }
        lock (_owned.Gate)
        {
            _tile.Update(time, raw, _known, throughStep);
        }
    }

    /// <summary>Ends the steps up to this one as unknown. The next sample starts anew.</summary>
    public void EndUnknown(long step)
    {
        lock (_owned.Gate)
        {
            _tile.EndUnknown(step);
        }
    }

    /// <summary>Ends the steps up to this one as unknown, for a sample that could not be read.</summary>
    public void MissSample(long step)
    {
        lock (_owned.Gate)
        {
            _tile.MissSample(step);
        }
    }

    /// <summary>Takes back what a failed update left half done, and ends the steps up to this one as unknown.</summary>
    /// <returns>False where the tile cannot be used.</returns>
    public bool TryAbandon(long step)
    {
        lock (_owned.Gate)
        {
            try
            {
                _tile.Rollback();
                _tile.MissSample(step);
                return true;
            }
            catch (Exception)
            {
                // The fault that brought us here is in the log; without its route the tile is late, so its values are unknown.
                return false;
            }
        }
    }

    /// <summary>No interval leads over this moment: the clock was set.</summary>
    public void StartAnew()
    {
        lock (_owned.Gate)
        {
            _tile.StartAnew();
        }
    }

    /// <summary>The plugin is gone; its history can go over to another one.</summary>
    public void Release(string uid)
    {
        lock (_owned.Gate)
        {
            _owned.Rrd.Release(uid);
        }
    }
}
