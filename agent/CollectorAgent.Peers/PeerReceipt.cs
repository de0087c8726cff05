namespace CollectorAgent.Peers;

/// <summary>What is known of an RRD that was sent.</summary>
public enum PeerReceipt
{
    /// <summary>The peer took all of it and did not complain; it is one that cannot say that it has stored it.</summary>
    Taken,

    /// <summary>The peer has stored it, and it is on its disk.</summary>
    Confirmed,
}
