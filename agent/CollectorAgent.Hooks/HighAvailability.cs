using CollectorAgent.Protocol;
using CollectorAgent.Sampling;

namespace CollectorAgent.Hooks;

/// <summary>How long the parts of a pool's high availability take, as the toolstack measures and tells it: data sources of the host that are
/// recorded where somebody asks for them.</summary>
public sealed class HighAvailability
{
    private const string Uid = PluginUid.OfAgent + "-ha";

    private readonly Sampler _sampler;
    private readonly ToldPage _page;
    private readonly Lock _gate = new();
    private IReadOnlyList<(ReportedSource, double)> _sources = [];
    private bool _isEnabled;

    public HighAvailability(Sampler sampler, TimeProvider time)
    {
        _sampler = sampler;
        _page = new ToldPage(time, () => Volatile.Read(ref _sources));
    }

    /// <summary>Takes what was measured, in seconds.</summary>
    /// <param name="statefiles">By the uuid of the state file's volume; null is unknown.</param>
    /// <returns>False where the agent is too busy to take up another page now.</returns>
    public bool Update(IReadOnlyList<(string Id, double? Latency)> statefiles, double heartbeat, double toolstack)
    {
        Volatile.Write(ref _sources,
        [
            .. statefiles.DistinctBy(s => s.Id).Select(s => (Source($"statefile/{s.Id}/latency", "Turn-around time of the latest access to the state file"), s.Latency ?? double.NaN)),
            (Source("network/latency", "Interval between the last two heartbeats, less the one that is set"), heartbeat),
            (Source("xapi_healthcheck/latency", "Turn-around time of the latest check of the toolstack"), toolstack),
        ]);
        lock (_gate)
        {
            _isEnabled = _isEnabled || _sampler.TryAdd(Uid, _page, PagePermit.Unlimited);
            return _isEnabled;
        }
    }

    /// <summary>High availability is off: its data sources are unknown from now on.</summary>
    public void Disable()
    {
        lock (_gate)
        {
            _isEnabled = _isEnabled && !_sampler.TryRemove(Uid);
        }
    }

    private static ReportedSource Source(string name, string description) =>
        new(name) { Type = ReportedType.Gauge, Units = "s", Description = description };
}
