using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CollectorAgent.Peers;

/// <summary>The SHA-256 fingerprint of a certificate.</summary>
public readonly record struct CertificatePin
{
    private readonly string _hex;

    private CertificatePin(string hex) => _hex = hex;

    /// <summary>Reads 64 hexadecimal digits, with or without colons between them, as openssl prints them.</summary>
    public static bool TryParse(string text, out CertificatePin pin)
    {
        string hex = text.Replace(":", "", StringComparison.Ordinal);
        pin = new CertificatePin(hex.ToLowerInvariant());
        return hex.Length == 2 * SHA256.HashSizeInBytes && hex.All(char.IsAsciiHexDigit);
    }

    public static CertificatePin Of(X509Certificate certificate) =>
        new(Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData())));

    public override string ToString() => _hex;
}
