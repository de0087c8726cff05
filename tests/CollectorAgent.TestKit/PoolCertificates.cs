using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CollectorAgent.TestKit;

/// <summary>Certificates as hosts of a pool have them: without the address that they are reached under.</summary>
public static class PoolCertificates
{
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2050, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pool", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(Start, End);
    }

    public static X509Certificate2 SignedBySelf(DateTimeOffset? end = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return Host(key).CreateSelfSigned(Start, end ?? End);
    }

    public static X509Certificate2 SignedBy(X509Certificate2 authority, DateTimeOffset? end = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Host(key).Create(authority, Start, end ?? End, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Signed by one that may not sign.</summary>
    public static X509Certificate2 ForgedBy(X509Certificate2 host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var hostKey = host.GetECDsaPrivateKey()!;
        using var certificate = Host(key, "CN=another").Create(
            host.SubjectName, X509SignatureGenerator.CreateForECDsa(hostKey), Start, End, RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    /// <summary>Writes a certificate with its key, as a server has it.</summary>
    /// <returns>The path.</returns>
    public static string WritePem(string path, X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n");
        return path;
    }

    /// <summary>Writes certificates without their keys, as a pool shares them.</summary>
    /// <inheritdoc cref="WritePem"/>
    public static string WriteBundle(string path, params X509Certificate2[] certificates)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, string.Concat(certificates.Select(c => c.ExportCertificatePem() + "\n")));
        return path;
    }

    private static CertificateRequest Host(ECDsa key, string name = "CN=a host of the pool")
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Parse("192.0.2.1"));
        request.CertificateExtensions.Add(names.Build());
        return request;
    }
}
