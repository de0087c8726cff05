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

    [LoggerMessage(
        5004,
        LogLevel.Warning,
        "The certificate {Path} is good for {Days} more days only, until {Until:u}: put a new one there; no restart is needed")]
    public static partial void CertificateEnds(ILogger log, string path, int days, DateTime until);

    [LoggerMessage(
        5005,
        LogLevel.Error,
        "The certificate {Path} has ended, on {Until:u}, and other hosts refuse it: put a new one there; no restart is needed")]
    public static partial void CertificateEnded(ILogger log, string path, DateTime until);

    [LoggerMessage(
        5006,
        LogLevel.Error,
        "The certificate {Path} is not good before {From:u}, and other hosts refuse it: see whether the clock is right")]
    public static partial void CertificateNotYet(ILogger log, string path, DateTime from);
}
