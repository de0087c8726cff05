using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins;

/// <summary>What a toolstack can count on: what the manifests of running plugins promise, and the SRs that are reported in fact.</summary>
/// <param name="plugins">All plugins.</param>
/// <param name="reportedSrs">Uuids of the SRs on pages that are alive, whoever publishes them; repeated or not.</param>
public sealed class Capabilities(Func<IReadOnlyList<PluginRunReport>> plugins, Func<IEnumerable<string>> reportedSrs)
{
    /// <summary>All of them by name; <see cref="PluginCapability.SrStats"/> is always there.</summary>
    public IReadOnlyList<CapabilityReport> Report()
    {
        var promised = plugins().Where(p => p.State == PluginRunState.Running).SelectMany(p => p.Manifest!.Capabilities).ToList();
        return
        [
            .. promised.Select(c => c.Name).Append(PluginCapability.SrStats).Distinct().Order(StringComparer.Ordinal).Select(name => new CapabilityReport(
                name,
                [.. promised.Where(c => c.Name == name).SelectMany(c => c.SrTypes).Distinct().Order(StringComparer.Ordinal)],
                name == PluginCapability.SrStats ? [.. reportedSrs().Distinct().Order(StringComparer.Ordinal)] : [])),
        ];
    }
}
