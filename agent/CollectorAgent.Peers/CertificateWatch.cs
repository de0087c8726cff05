using Microsoft.Extensions.Logging;

namespace CollectorAgent.Peers;

/// <summary>Says in time that the certificate which this host shows ends: at the start, and once a day from then on.</summary>
public sealed class CertificateWatch(CertificateFile file, TimeProvider time, ILogger log)
{
    /// <summary>So long before its end it is said.</summary>
    public static readonly TimeSpan Notice = TimeSpan.FromDays(30);

    private static readonly TimeSpan Period = TimeSpan.FromDays(1);

    /// <summary>When it ends.</summary>
    public DateTimeOffset Ends => file.Current.TargetCertificate.NotAfter;

    /// <summary>Looks once a day until the token says stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Period, time);
        do
        {
            Look();
        }
        while (await timer.WaitForNextTickAsync(stop));
    }

    /// <summary>Says now how long it is good, where that is not long.</summary>
    public void Look()
    {
        var certificate = file.Current.TargetCertificate;
        var now = time.GetUtcNow();
        var left = certificate.NotAfter.ToUniversalTime() - now.UtcDateTime;
        if (certificate.NotBefore.ToUniversalTime() > now.UtcDateTime)
        {
            Log.CertificateNotYet(log, file.Path, certificate.NotBefore);
        }
        else if (left <= TimeSpan.Zero)
        {
            Log.CertificateEnded(log, file.Path, certificate.NotAfter);
        }
        else if (left <= Notice)
        {
            Log.CertificateEnds(log, file.Path, (int)left.TotalDays, certificate.NotAfter);
        }
    }
}
