namespace CollectorAgent.Http;

/// <summary>Whose RRD another host sends, and what for.</summary>
/// <param name="Uuid">In lower case; it can stand in a file name.</param>
/// <param name="IsHost">It is a host's.</param>
/// <param name="IsArchive">To be kept as a file; else recording goes on with it.</param>
public sealed record IncomingRrd(string Uuid, bool IsHost, bool IsArchive);
