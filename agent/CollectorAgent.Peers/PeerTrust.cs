using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CollectorAgent.Peers;

/// <summary>Whether a peer is whom its certificate says, for one connection.</summary>
/// <remarks>
/// Hosts of a pool are addressed by IP addresses that are not in their certificates: what counts is that the pool knows the certificate,
/// not the name in it. So any host of the pool may stand for another; they all have the pool secret anyway.
/// </remarks>
internal sealed class PeerTrust
{
    private const int MaxBundleBytes = 4 << 20;

    private readonly PeerOptions _options;
    private readonly DateTimeOffset _now;
    private readonly X509Certificate2Collection _pool = [];

    /// <exception cref="PeerException">There is nothing to check a certificate by.</exception>
    public PeerTrust(PeerOptions options, DateTimeOffset now)
    {
        _options = options;
        _now = now;
        if (options.InsecureReason is null && options.Pins.Count == 0)
        {
            ReadBundle();
        }
    }

    /// <summary>Why the peer's certificate was not accepted; null where it was, or none was seen.</summary>
    public string? Refusal { get; private set; }

    /// <summary>What the connection is opened with.</summary>
    public SslClientAuthenticationOptions Rules()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            // A certificate names places to get others from: nobody makes this host ask there.
            DisableCertificateDownloads = true,
            VerificationTime = _now.UtcDateTime,
        };
        policy.CustomTrustStore.AddRange(_pool);
        return new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = policy,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Accepts(certificate, chain, errors),
        };
    }

    private bool Accepts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        Refusal = certificate is X509Certificate2 shown ? Refuse(shown, chain, errors) : "shows no certificate";
        return Refusal is null;
    }

    private string? Refuse(X509Certificate2 certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_options.InsecureReason is not null)
        {
            return null;
        }
        var pin = CertificatePin.Of(certificate);
        if (_now < certificate.NotBefore || _now > certificate.NotAfter)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"shows a certificate that is good from {certificate.NotBefore.ToUniversalTime():u} to {certificate.NotAfter.ToUniversalTime():u} only (SHA-256 {pin})");
        }
        if (_options.Pins.Count > 0)
        {
            return _options.Pins.Contains(pin) ? null : $"shows a certificate that is not the one of --pin: SHA-256 {pin}";
        }
        // Bundles hold the hosts' own certificates as well as CAs, and an own one need not be signed by itself.
        if (!errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) || _pool.Any(c => c.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span)))
        {
            return null;
        }
        string status = string.Join(", ", chain?.ChainStatus.Select(s => s.Status.ToString()) ?? []);
        return $"shows a certificate that {_options.CaFile} neither has nor has signed ({status}; SHA-256 {pin})";
    }

    private void ReadBundle()
    {
        const string Remedy = "Set --pool-ca FILE, or --pin SHA256 of the peer's certificate.";
        try
        {
            _pool.ImportFromPem(TextFile.Read(_options.CaFile, MaxBundleBytes));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new PeerException($"Certificates of other hosts cannot be checked: {e.Message.TrimEnd('.')}. {Remedy}");
        }
        if (_pool.Count == 0)
        {
            throw new PeerException($"Certificates of other hosts cannot be checked: there is none in {_options.CaFile}. {Remedy}");
        }
    }
}
