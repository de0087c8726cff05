using CollectorAgent.Sdk;
using CollectorAgent.Storage;

namespace CollectorAgent.PhysicalUtilisationPlugin;

/// <summary>Reports all SRs of this host. What is not known is left out of the sample.</summary>
/// <param name="lvm">Null where there is no LVM.</param>
/// <param name="mayCome">Whether SRs are plugged here at any time, so that it is worth waiting for the first.</param>
internal sealed class SrStats(MountedSrs mounted, LvmSrs? lvm, bool mayCome)
{
    private readonly Dictionary<string, SrUseSources> _sources = [];
    private readonly HashSet<string> _reported = [];

    /// <exception cref="NothingToMeasureException">There is no SR, and none is waited for.</exception>
    public void Report(SampleBatch batch)
    {
        _reported.Clear();
        mounted.Update((uuid, use) => Report(batch, uuid, use));
        var groups = lvm?.Update() ?? [];
        if (mounted.HasFoundNothing && lvm?.HasFoundNothing != false && !mayCome)
        {
            throw new NothingToMeasureException("there is no SR on this host: none is mounted, and no volume group is one");
        }
        foreach (var sr in groups)
        {
            // What the map file calls an SR that is a folder already would be on the page twice.
            if (!_reported.Contains(sr.Uuid))
            {
                Report(batch, sr.Uuid, LvmUse.Of(sr.Group));
            }
        }
        if (_sources.Count > _reported.Count)
        {
            foreach (string gone in _sources.Keys.Except(_reported).ToList())
            {
                _sources.Remove(gone);
            }
        }
    }

    private void Report(SampleBatch batch, string uuid, SrUse use)
    {
        if (!_sources.TryGetValue(uuid, out var sources))
        {
            _sources.Add(uuid, sources = new SrUseSources(uuid));
        }
        sources.Report(batch, use);
        _reported.Add(uuid);
    }
}
