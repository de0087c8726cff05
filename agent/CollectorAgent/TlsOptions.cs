using System.Net;
using CollectorAgent.Peers;
using CollectorAgent.Protocol;

namespace CollectorAgent;

/// <summary>How it is with other hosts, as the command line asks for it, checked.</summary>
/// <param name="Listen">Addresses for TLS.</param>
/// <param name="Certificate">PEM of this host's certificate and key.</param>
/// <param name="PoolSecret">File of what all hosts of the pool know.</param>
/// <param name="Peers">How they are known.</param>
internal sealed record TlsOptions(IReadOnlyList<IPEndPoint> Listen, string Certificate, string PoolSecret, PeerOptions Peers)
{
    /// <exception cref="OptionException">An option has a value that cannot be.</exception>
    public static TlsOptions Create(
        AgentPaths paths,
        IReadOnlyList<string> listen,
        string? certificate,
        string? poolSecret,
        string? poolCa,
        IReadOnlyList<string> pins,
        string? insecureReason)
    {
        var peers = new PeerOptions(poolCa ?? paths.PoolCa) { Pins = [.. pins.Select(Pin)], InsecureReason = insecureReason };
        try
        {
            peers.Validate();
        }
        catch (ArgumentException e)
        {
            throw new OptionException(e.Message);
        }
        return new TlsOptions(
            [.. listen.Select(l => AgentOptions.ParseAddress("--listen-tls", l))], certificate ?? paths.Certificate, poolSecret ?? paths.PoolSecret, peers);
    }

    private static CertificatePin Pin(string text) => CertificatePin.TryParse(text, out var pin)
        ? pin
        : throw new OptionException($"--pin: '{text}' is no SHA-256 fingerprint: 64 hexadecimal digits, with or without colons");
}
