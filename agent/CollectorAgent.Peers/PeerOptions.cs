namespace CollectorAgent.Peers;

/// <summary>How other hosts are known, and how long is waited for them.</summary>
/// <param name="CaFile">PEM: the pool's CA, or the certificates of its hosts. Read at each transfer, for it changes.</param>
public sealed record PeerOptions(string CaFile)
{
    /// <summary>Where there are any, these certificates and no others are accepted; the CA file is not looked at.</summary>
    public IReadOnlyList<CertificatePin> Pins { get; init; } = [];

    /// <summary>Why any certificate is accepted; null where none is unchecked.</summary>
    public string? InsecureReason { get; init; }

    /// <summary>For a connection and its TLS handshake.</summary>
    public TimeSpan ConnectWithin { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For the first answer to a request.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Longest time without progress of a document, and for the peer to store it.</summary>
    public TimeSpan ProgressWithin { get; init; } = TimeSpan.FromSeconds(60);

    /// <exception cref="ArgumentException">The message names the option.</exception>
    public void Validate()
    {
        if (InsecureReason is not null && string.IsNullOrWhiteSpace(InsecureReason))
        {
            throw new ArgumentException("--insecure: say why certificates of other hosts need not be checked");
        }
        if (InsecureReason is not null && Pins.Count > 0)
        {
            throw new ArgumentException("--insecure: with --pin certificates are checked; only one of them can be meant");
        }
    }
}
