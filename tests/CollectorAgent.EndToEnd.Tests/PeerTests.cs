using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Xml.Linq;
using CollectorAgent.Peers;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Agents of two hosts, and what goes between them.</summary>
public sealed class PeerTests
{
    private const string Uuid = "11111111-0000-4000-8000-000000000001";

    [Fact]
    public async Task Archive_of_one_host_gets_to_another_and_can_be_fetched()
    {
        using var here = new PoolHost();
        using var there = new PoolHost();
        PoolHost.Join(here, there);
        using var sender = await here.StartAsync(withPlugins: true);
        using var receiver = await there.StartAsync();
        await sender.UntilAsync("/status", s => (long)s["last_step"]! > 0 && s["owners"]!.AsArray().Count > 0);
        string sent = (await here.SendAsync(HttpMethod.Get, "/host_rrd", PoolHost.Secret)).Text;
        using var document = new MemoryStream(Encoding.UTF8.GetBytes(sent));

        var receipt = await here.Client().PutAsync(
            there.Address, PeerCredential.PoolSecret, Uuid, isArchive: true, document, document.Length, CancellationToken.None);
        await using var fetched = await here.Client().GetArchiveAsync(there.Address, Uuid, CancellationToken.None);
        var archive = await XDocument.LoadAsync(fetched, LoadOptions.None, CancellationToken.None);

        Assert.Equal(PeerReceipt.Confirmed, receipt);
        var rows = XDocument.Parse(sent).Descendants("row").Select(r => r.Value).ToList();
        Assert.Contains(rows, r => r.Any(char.IsAsciiDigit));
        Assert.Equal(rows, archive.Descendants("row").Select(r => r.Value));
        Assert.True(File.Exists(Path.Combine(there.Paths.Archives, Uuid + ".gz")));
        Assert.Equal(0, await receiver.EndAsync("TERM"));
        Assert.Equal(0, await sender.EndAsync("TERM"));
    }

    [Fact]
    public async Task Receivers_refusal_gets_to_the_sender()
    {
        using var host = new PoolHost();
        PoolHost.Join(host);
        using var agent = await host.StartAsync();
        var address = host.Address;

        var noRrd = await Assert.ThrowsAsync<PeerException>(() => PutAsync(host, isArchive: true, "<html/>"));
        var live = await Assert.ThrowsAsync<PeerException>(() => PutAsync(host, isArchive: false, "<rrd/>"));
        var missing = await Assert.ThrowsAsync<PeerException>(() => host.Client().GetArchiveAsync(address, Uuid, CancellationToken.None));
        string otherSecret = Path.Combine(host.Paths.Root, "other-secret");
        await File.WriteAllTextAsync(otherSecret, "another");
        var stranger = await Assert.ThrowsAsync<PeerException>(() => PutAsync(host, isArchive: true, "<rrd/>", host.Client(otherSecret)));

        Assert.StartsWith($"{address} answered 400: This is no RRD: <rrd> expected", noRrd.Message, StringComparison.Ordinal);
        Assert.StartsWith($"{address} answered 400: This is no RRD: ", live.Message, StringComparison.Ordinal);
        Assert.Equal($"{address} answered 404: There is no archive of this uuid here.", missing.Message);
        Assert.Equal($"{address} answered 401: This is not the pool secret.", stranger.Message);
    }

    [Fact]
    public async Task Readers_over_tls_need_the_pool_secret_and_cannot_call()
    {
        using var host = new PoolHost();
        PoolHost.Join(host);
        using var agent = await host.StartAsync();

        foreach (string path in new[] { "/status", "/host_rrd", "/rrd_updates?start=-60", "/metrics", "/data_sources", "/capabilities", "/" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.SendAsync(HttpMethod.Get, path, null)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await host.SendAsync(HttpMethod.Get, path, "wrong")).Status);
            Assert.NotEqual(HttpStatusCode.Unauthorized, (await host.SendAsync(HttpMethod.Get, path, PoolHost.Secret)).Status);
        }
        Assert.Equal(HttpStatusCode.OK, (await host.SendAsync(HttpMethod.Get, "/status", PoolHost.Secret)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await host.SendAsync(HttpMethod.Post, "/", PoolHost.Secret)).Status);
        Assert.DoesNotContain(PoolHost.Secret, agent.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotated_certificate_and_secret_need_no_restart()
    {
        using var host = new PoolHost();
        PoolHost.Join(host);
        using var agent = await host.StartAsync();
        string before = (await host.SendAsync(HttpMethod.Get, "/status", PoolHost.Secret)).Certificate;

        PoolHost.Join(host);
        await File.WriteAllTextAsync(host.Paths.PoolSecret, "rotated");
        var old = await host.SendAsync(HttpMethod.Get, "/status", PoolHost.Secret);
        var rotated = await host.SendAsync(HttpMethod.Get, "/status", "rotated");

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (old.Status, rotated.Status));
        Assert.NotEqual(before, rotated.Certificate);
    }

    [Fact]
    public async Task Killed_receiver_has_no_half_archive_and_its_next_start_leaves_nothing_of_it()
    {
        using var host = new PoolHost();
        PoolHost.Join(host);
        using (var agent = await host.StartAsync())
        {
            await using var tls = await BeginAsync(host);
            await Wait.UntilAsync(
                () => Directory.Exists(host.Paths.Archives) && Directory.EnumerateFiles(host.Paths.Archives).Any(), () => "the file to be begun");
            await agent.EndAsync("KILL");
        }
        string left = Path.GetFileName(Assert.Single(Directory.EnumerateFiles(host.Paths.Archives)));
        using (var agent = await host.StartAsync())
        {
            Assert.Empty(Directory.EnumerateFiles(host.Paths.Archives));
            Assert.Equal(HttpStatusCode.NotFound, (await host.SendAsync(HttpMethod.Get, "/rrd_unarchive?uuid=" + Uuid, PoolHost.Secret)).Status);
        }
        Assert.Contains(".unfinished-", left, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_that_is_missing_or_has_no_key_ends_the_start_with_the_reason()
    {
        using var host = new PoolHost();
        string[] start = ["--root", host.Paths.Root, .. host.Options];

        var missing = await AgentProcess.RunToEndAsync(start);
        using var certificate = PoolCertificates.SignedBySelf();
        PoolCertificates.WriteBundle(host.Paths.Certificate, certificate);
        var noKey = await AgentProcess.RunToEndAsync(start);

        Assert.Equal((1, 1), (missing.ExitCode, noKey.ExitCode));
        Assert.Contains(host.Paths.Certificate, missing.Errors, StringComparison.Ordinal);
        Assert.Contains($"{host.Paths.Certificate} does not have a certificate and its private key", noKey.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_without_a_pool_secret_starts_says_so_and_lets_nobody_in()
    {
        using var host = new PoolHost();
        PoolHost.Join(host);
        File.Delete(host.Paths.PoolSecret);
        using var agent = await host.StartAsync();

        Assert.Contains("Nobody is let in over TLS", agent.Log, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await host.SendAsync(HttpMethod.Get, "/status", "")).Status);
    }

    [Fact]
    public async Task What_the_documentation_says_makes_a_pool()
    {
        string page = await File.ReadAllTextAsync(Repository.PathOf("docs/peers.md"));
        string commands = page.Split("```")[1];
        Assert.Equal(3, commands.Trim().Split('\n').Length);
        using var host = new PoolHost();
        using var folder = new TemporaryFolder();
        using (var bash = Process.Start(new ProcessStartInfo("bash", ["-ec", commands])
        {
            WorkingDirectory = folder.Path,
            RedirectStandardError = true,
        })!)
        {
            string errors = await bash.StandardError.ReadToEndAsync().WaitAsync(AgentProcess.Deadline);
            await bash.WaitForExitAsync();
            Assert.True(bash.ExitCode == 0, errors);
        }
        string[] files =
        [
            "--certificate", Path.Combine(folder.Path, "host.pem"),
            "--pool-secret", Path.Combine(folder.Path, "ptoken"),
            "--pool-ca", Path.Combine(folder.Path, "pool-ca.pem"),
        ];
        using var agent = await AgentProcess.StartAsync(host.Paths.Root, [.. host.Options, .. files]);
        string sent = await File.ReadAllTextAsync(Repository.PathOf("tests/golden/rrd-internal.xml"));

        var client = host.Client(Path.Combine(folder.Path, "ptoken"), Path.Combine(folder.Path, "pool-ca.pem"));
        Assert.Equal(PeerReceipt.Confirmed, await PutAsync(host, isArchive: true, sent, client));
        Assert.DoesNotContain("warn", agent.Log, StringComparison.Ordinal);
    }

    private static Task<PeerReceipt> PutAsync(PoolHost to, bool isArchive, string document, PeerClient? from = null)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(document);
        return (from ?? to.Client()).PutAsync(
            to.Address, PeerCredential.PoolSecret, Uuid, isArchive, new MemoryStream(bytes), bytes.Length, CancellationToken.None);
    }

    /// <summary>A connection on which half an archive has been sent.</summary>
    private static async Task<SslStream> BeginAsync(PoolHost host)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(host.Address.Host, host.Address.Port);
        var tls = new SslStream(tcp.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, c, _, _) => c is not null });
        byte[] document = await File.ReadAllBytesAsync(Repository.PathOf("tests/golden/rrd-internal.xml"));
        await tls.WriteAsync(Encoding.ASCII.GetBytes(
            $"PUT /rrd?archive=true&uuid={Uuid} HTTP/1.1\r\nHost: a\r\nCookie: pool_secret={PoolHost.Secret}\r\nContent-Length: {document.Length}\r\n\r\n"));
        await tls.WriteAsync(document.AsMemory(0, document.Length / 2));
        return tls;
    }
}
