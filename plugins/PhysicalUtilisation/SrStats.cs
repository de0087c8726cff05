using CollectorAgent.Sdk;
using CollectorAgent.Storage;

namespace CollectorAgent.PhysicalUtilisationPlugin;

/// <summary>Reports all SRs of this host. What is not known is left out of the sample.</summary>
/// <param name="lvm">Null where there is no LVM.</param>
internal sealed class SrStats(MountedSrs mounted, LvmSrs? lvm)
{
    private readonly Dictionary<string, SrUseSources> _sources = [];
    private readonly HashSet<string> _reported = [];

    public void Report(SampleBatch batch)
    {
        _reported.Clear();
        mounted.Update((uuid, use) => Report(batch, uuid, use));
        foreach (var sr in lvm?.Update() ?? [])
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
