namespace CollectorAgent.Peers;

/// <summary>An RRD did not get to another host, or from it. The message says why, and never has a secret in it.</summary>
/// <remarks>It has no inner exception: what is inside of such has not been looked through for secrets.</remarks>
public sealed class PeerException(string reason) : Exception(reason);
