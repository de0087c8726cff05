using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Peers;

/// <summary>The certificate that this host shows, and its key: one PEM file, loaded again when it has changed.</summary>
public sealed class CertificateFile
{
    private const int MaxBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly ILogger _log;
    private SslStreamCertificateContext _certificate;
    private (DateTime Written, long Bytes) _seen;

    /// <exception cref="IOException">There is no usable certificate in it; the message says what is wrong.</exception>
    public CertificateFile(string path, ILogger log)
    {
        _path = path;
        _log = log;
        _seen = Look();
        _certificate = Load();
    }

    public string Path => _path;

    /// <summary>The certificate to show now. While the file cannot be used it is the one from before.</summary>
    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_gate)
            {
                var now = Look();
                if (now != _seen)
                {
                    _seen = now;
                    Reload();
                }
                return _certificate;
            }
        }
    }

    private void Reload()
    {
        try
        {
            _certificate = Load();
            Log.CertificateLoaded(_log, _path, CertificatePin.Of(_certificate.TargetCertificate), _certificate.TargetCertificate.NotAfter);
        }
        catch (IOException e)
        {
            Log.CertificateUnusable(_log, e.Message);
        }
    }

    /// <summary>What changes with the file; of one that is not there, the same each time.</summary>
    private (DateTime Written, long Bytes) Look()
    {
        var file = new FileInfo(_path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }

    private SslStreamCertificateContext Load()
    {
        try
        {
            string pem = TextFile.Read(_path, MaxBytes);
            var certificate = X509Certificate2.CreateFromPem(pem, pem);
            var all = new X509Certificate2Collection();
            all.ImportFromPem(pem);
            // What is not in the file is not fetched from anywhere.
            return SslStreamCertificateContext.Create(certificate, all, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new IOException($"{_path} does not have a certificate and its private key, unencrypted, in PEM: {e.Message.TrimEnd('.')}", e);
        }
    }
}
