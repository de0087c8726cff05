using CollectorAgent.Sdk;
using CollectorAgent.Storage;

namespace CollectorAgent.LvmSrPlugin;

/// <summary>Reports the SRs that are volume groups. What LVM did not tell is left out of the sample.</summary>
internal sealed class LvmSrStats(LvmSrs srs)
{
    private IReadOnlyList<LvmSr> _known = [];
    private GroupSources[] _sources = [];

    public void Report(SampleBatch batch)
    {
        var known = srs.Update();
        if (known != _known)
        {
            _known = known;
            _sources = [.. known.Select(sr => new GroupSources(sr))];
        }
        foreach (var sources in _sources)
        {
            sources.Report(batch);
        }
    }
}
