namespace CollectorAgent.Peers;

/// <summary>What lets a request in at the peer.</summary>
public sealed class PeerCredential
{
    private PeerCredential(string? sessionId) => SessionId = sessionId;

    /// <summary>What all hosts of a pool share; it is read from its file at each use.</summary>
    public static PeerCredential PoolSecret { get; } = new(null);

    internal string? SessionId { get; }

    /// <summary>A session of the toolstack that serves the peer.</summary>
    public static PeerCredential Session(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        return new PeerCredential(id);
    }

    public override string ToString() => SessionId is null ? "pool secret" : "session";
}
