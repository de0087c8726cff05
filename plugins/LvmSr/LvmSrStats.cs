using CollectorAgent.Sdk;
using CollectorAgent.Storage;

namespace CollectorAgent.LvmSrPlugin;

/// <summary>Reports the SRs that are volume groups. What LVM did not tell is left out of the sample.</summary>
/// <param name="mayCome">Whether SRs are plugged here at any time, so that it is worth waiting for the first.</param>
internal sealed class LvmSrStats(LvmSrs srs, bool mayCome)
{
    private IReadOnlyList<LvmSr> _known = [];
    private GroupSources[] _sources = [];

    /// <exception cref="NothingToMeasureException">There is no SR, and none is waited for.</exception>
    public void Report(SampleBatch batch)
    {
        var known = srs.Update();
        if (srs.HasFoundNothing && !mayCome)
        {
            throw new NothingToMeasureException("no volume group of this host is an SR: none is named after one, and the map names none");
        }
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
