using System.Net;
using System.Net.Sockets;
using CollectorAgent.Peers;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>A host of a pool: a root with certificate, secret and bundle at their standard places, and an address.</summary>
internal sealed class PoolHost : IDisposable
{
    public const string Secret = "7f1e/secret/93ab";

    private readonly TemporaryFolder _folder = new();

    public PoolHost()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Address = PeerAddress.Parse(probe.LocalEndpoint.ToString()!);
        Directory.CreateDirectory(Path.Combine(_folder.Path, "no-plugins"));
    }

    public Protocol.AgentPaths Paths => new(_folder.Path);

    public PeerAddress Address { get; }

    /// <summary>Options of its agent, which runs no plugins.</summary>
    public string[] Options => [.. Listening, "--plugins", Path.Combine(_folder.Path, "no-plugins")];

    private string[] Listening => ["--listen", "none", "--listen-tls", Address.ToString()];

    /// <summary>Makes a pool of hosts that know each other.</summary>
    public static void Join(params PoolHost[] hosts)
    {
        var certificates = hosts.Select(_ => PoolCertificates.SignedBySelf()).ToArray();
        foreach (var (host, certificate) in hosts.Zip(certificates))
        {
            PoolCertificates.WritePem(host.Paths.Certificate, certificate);
            PoolCertificates.WriteBundle(host.Paths.PoolCa, certificates);
            File.WriteAllText(host.Paths.PoolSecret, Secret);
            File.SetUnixFileMode(host.Paths.PoolSecret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
        Array.ForEach(certificates, c => c.Dispose());
    }

    /// <summary>What it sends and fetches with.</summary>
    public PeerClient Client(string? secretFile = null, string? caFile = null) => new(
        new PeerOptions(caFile ?? Paths.PoolCa),
        new PoolSecret(secretFile ?? Paths.PoolSecret, NullLogger.Instance),
        "0",
        TimeProvider.System,
        NullLogger.Instance);

    public Task<AgentProcess> StartAsync(bool withPlugins = false, IReadOnlyDictionary<string, string>? environment = null) =>
        AgentProcess.StartAsync(_folder.Path, withPlugins ? Listening : Options, environment);

    /// <summary>Reads over TLS without looking at the certificate.</summary>
    public async Task<(HttpStatusCode Status, string Text, string Certificate)> SendAsync(HttpMethod method, string path, string? secret)
    {
        string shown = "";
        using var handler = new SocketsHttpHandler { UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            shown = CertificatePin.Of(certificate!).ToString();
            return shown.Length > 0;
        };
        using var http = new HttpClient(handler) { BaseAddress = new Uri($"https://{Address}/") };
        using var request = new HttpRequestMessage(method, path);
        if (secret is not null)
        {
            request.Headers.Add("cookie", "pool_secret=" + secret);
        }
        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), shown);
    }

    public void Dispose() => _folder.Dispose();
}
