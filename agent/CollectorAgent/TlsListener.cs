using System.Net.Security;
using System.Security.Authentication;
using CollectorAgent.Daemon;
using CollectorAgent.Peers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace CollectorAgent;

/// <summary>Opens the addresses for TLS.</summary>
internal static class TlsListener
{
    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(10);

    /// <summary>The certificate to show; null where no address is for TLS.</summary>
    /// <exception cref="StartException">It cannot be used.</exception>
    public static CertificateFile? Certificate(TlsOptions options, ILogger log)
    {
        try
        {
            return options.Listen.Count == 0 ? null : new CertificateFile(options.Certificate, log);
        }
        catch (IOException e)
        {
            throw new StartException(
                $"The certificate for --listen-tls cannot be used: {e.Message.TrimEnd('.')}. Put this host's certificate and its private key "
                + "there, in PEM, name another file with --certificate FILE, or leave out --listen-tls.",
                e);
        }
    }

    /// <param name="certificate">Asked at each connection: it may have changed.</param>
    public static void Listen(KestrelServerOptions kestrel, TlsOptions options, CertificateFile certificate)
    {
        var handshake = new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakeWithin,
            OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = certificate.Current,
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            }),
        };
        foreach (var address in options.Listen)
        {
            kestrel.Listen(address, listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                listener.UseHttps(handshake);
            });
        }
    }
}
