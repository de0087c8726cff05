namespace CollectorAgent.Http;

/// <summary>Who answers.</summary>
/// <param name="Uuid">The host's, in lower case.</param>
/// <param name="Version">The agent's.</param>
public sealed record HostInfo(string Uuid, string Version);
