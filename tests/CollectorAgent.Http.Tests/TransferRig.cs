using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CollectorAgent.Store;
using CollectorAgent.TestKit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Http.Tests;

/// <summary>The endpoints for transfers behind a real server: TLS, TCP and a Unix socket, with a folder of archives.</summary>
public sealed class TransferRig : IAsyncLifetime
{
    public const string Secret = "7f1e/secret/93ab";
    public const string Uuid = "11111111-0000-4000-8000-000000000001";

    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-transfer-");
    private readonly X509Certificate2 _certificate = PoolCertificates.SignedBySelf();
    private readonly List<HttpClient> _clients = [];
    private readonly ErrorLog _errors = new();
    private WebApplication? _web;
    private TransferEndpoints? _endpoints;
    private ArchiveFolder? _archives;

    /// <summary>An RRD in its internal form.</summary>
    public TransferEndpoints Transfers => _endpoints!;

    public static byte[] Document { get; } = File.ReadAllBytes(Repository.PathOf("tests/golden/rrd-internal.xml"));

    /// <summary>Over TLS, with the pool secret.</summary>
    public HttpClient Peer { get; private set; } = null!;

    /// <summary>Over TLS, without it.</summary>
    public HttpClient Stranger { get; private set; } = null!;

    public HttpClient Tcp { get; private set; } = null!;

    public HttpClient Socket { get; private set; } = null!;

    /// <summary>What the server has complained of, once it is done with all requests.</summary>
    public async Task<IEnumerable<string>> ErrorsAsync()
    {
        await _web!.StopAsync();
        return _errors.Lines;
    }

    public string SocketPath => Path.Combine(_folder.FullName, "socket");

    public string Archives => Path.Combine(_folder.FullName, "archives");

    /// <summary>What is done with an RRD; at first it is stored as an archive.</summary>
    public Func<IncomingRrd, Stream, CancellationToken, Task>? Receive { get; set; }

    public string? KnownSecret { get; set; } = Secret;

    private int TlsPort { get; set; }

    public async Task InitializeAsync()
    {
        _archives = new ArchiveFolder(Archives);
        _endpoints = new TransferEndpoints(
            new PeerGate(() => KnownSecret),
            (rrd, document, end) => Receive is { } other ? other(rrd, document, end) : _archives.WriteAsync(rrd.Uuid, document, end),
            _archives.Read,
            _archives.UnpackedBytes,
            DocumentBudget.Standard(TimeProvider.System));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(_errors);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(2));
            kestrel.ListenUnixSocket(SocketPath);
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                listener.UseHttps(new TlsHandshakeCallbackOptions
                {
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions { ServerCertificate = _certificate }),
                });
            });
        });
        _web = builder.Build();
        _web.Run(_endpoints.HandleAsync);
        await _web.StartAsync();
        var addresses = _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        var tls = new Uri(addresses.Single(a => a.StartsWith("https:", StringComparison.Ordinal)));
        TlsPort = tls.Port;
        Peer = Client(tls);
        Peer.DefaultRequestHeaders.Add("cookie", "pool_secret=" + Secret);
        Stranger = Client(tls);
        Tcp = Client(new Uri(addresses.Single(a => a.StartsWith("http://127", StringComparison.Ordinal))));
        Socket = Client(new Uri("http://localhost/"), async (_, token) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), token);
            return new NetworkStream(socket, ownsSocket: true);
        });
    }

    public async Task DisposeAsync()
    {
        _clients.ForEach(c => c.Dispose());
        await _web!.DisposeAsync();
        _endpoints!.Dispose();
        _archives!.Dispose();
        _certificate.Dispose();
        _folder.Delete(recursive: true);
    }

    public string ArchiveOf(string uuid) => Path.Combine(Archives, uuid + ".gz");

    public static string Target(string uuid = Uuid) => $"/rrd?archive=true&uuid={uuid}";

    /// <summary>PUTs with a length.</summary>
    public static async Task<(HttpStatusCode Status, string Text, bool IsStored)> PutAsync(HttpClient http, byte[] document, string? target = null)
    {
        using var content = new ByteArrayContent(document);
        using var response = await http.PutAsync(new Uri(target ?? Target(), UriKind.Relative), content);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers.Contains(TransferEndpoints.StoredHeader));
    }

    /// <summary>A connection over TLS on which a PUT has begun: its head has been sent.</summary>
    public async Task<SslStream> BeginAsync(string headers, string? target = null) => (await ConnectAsync(headers, target)).Tls;

    /// <inheritdoc cref="BeginAsync"/>
    public async Task<(TcpClient Tcp, SslStream Tls)> ConnectAsync(string headers, string? target = null)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, TlsPort);
        var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, shown, _, _) => _certificate.Equals(shown) });
        await tls.WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT {target ?? Target()} HTTP/1.1\r\nHost: host\r\nCookie: pool_secret={Secret}\r\n{headers}\r\n"));
        return (tcp, tls);
    }

    /// <summary>The first line of an answer.</summary>
    public static async Task<string> LineAsync(Stream stream)
    {
        var line = new StringBuilder();
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one).AsTask().WaitAsync(Deadline) == 1 && one[0] != '\n')
        {
            line.Append((char)one[0]);
        }
        return line.ToString().TrimEnd('\r');
    }

    private HttpClient Client(Uri address, Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? connect = null)
    {
        var handler = new SocketsHttpHandler { UseCookies = false, ConnectCallback = connect };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => _certificate.Equals(shown);
        var client = new HttpClient(handler) { BaseAddress = address, Timeout = Deadline };
        _clients.Add(client);
        return client;
    }
}
