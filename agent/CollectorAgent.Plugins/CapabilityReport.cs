namespace CollectorAgent.Plugins;

/// <summary>Something that a toolstack can count on now.</summary>
/// <param name="Name">As manifests call it.</param>
/// <param name="SrTypes">For SR_STATS: the types of SR that running plugins serve, in order.</param>
/// <param name="Srs">For SR_STATS: uuids of the SRs that are reported now, in order.</param>
public sealed record CapabilityReport(string Name, IReadOnlyList<string> SrTypes, IReadOnlyList<string> Srs);
