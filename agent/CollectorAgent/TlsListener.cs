using System.Net.Security;
using System.Security.Authentication;
using CollectorAgent.Peers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace CollectorAgent;

/// <summary>Opens the addresses for TLS.</summary>
internal static class TlsListener
{
    private static readonly TimeSpan HandshakeWithin = TimeSpan.FromSeconds(10);

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
