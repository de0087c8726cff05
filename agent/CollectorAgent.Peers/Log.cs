using Microsoft.Extensions.Logging;

namespace CollectorAgent.Peers;

/// <summary>Messages of this room: ids 5000 to 5999, never used again for anything else.</summary>
internal static partial class Log
{
    [LoggerMessage(5000, LogLevel.Warning, "--insecure: certificates of other hosts are not checked; whoever is on the way can read and change RRDs: {Reason}")]
    public static partial void Insecure(ILogger log, string reason);

    [LoggerMessage(5001, LogLevel.Warning, "Every user of this host can read the pool secret {Path}: take that from them (chmod o-r)")]
    public static partial void SecretIsOpen(ILogger log, string path);

    [LoggerMessage(5002, LogLevel.Information, "The certificate {Path} has changed and is shown from now on: SHA-256 {Fingerprint}, good until {Until:u}")]
    public static partial void CertificateLoaded(ILogger log, string path, CertificatePin fingerprint, DateTime until);

    [LoggerMessage(5003, LogLevel.Error, "The certificate has changed and cannot be used; the one before is shown still: {Reason}")]
    public static partial void CertificateUnusable(ILogger log, string reason);
}
