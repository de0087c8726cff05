using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Text;
using CollectorAgent.TestKit;

namespace CollectorAgent.Http.Tests;

/// <summary>RRDs that other hosts bring and fetch: what is kept, who may, and how it is answered.</summary>
public sealed class TransferTests : IAsyncLifetime
{
    private readonly TransferRig _rig = new();

    public Task InitializeAsync() => _rig.InitializeAsync();

    public Task DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Archive_is_kept_as_it_came_before_it_is_confirmed_and_can_be_fetched()
    {
        Assert.Equal((HttpStatusCode.OK, "", true), await TransferRig.PutAsync(_rig.Peer, TransferRig.Document));

        await using var file = new GZipStream(File.OpenRead(_rig.ArchiveOf(TransferRig.Uuid)), CompressionMode.Decompress);
        using var kept = new MemoryStream();
        await file.CopyToAsync(kept);
        Assert.Equal(TransferRig.Document, kept.ToArray());
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
            File.GetUnixFileMode(_rig.ArchiveOf(TransferRig.Uuid)));
        // An archive has no counters.
        string external = (await File.ReadAllTextAsync(Repository.PathOf("tests/golden/rrd-external.xml")))
            .Replace("<type>COUNTER<", "<type>DERIVE<", StringComparison.Ordinal);
        foreach (var http in new[] { _rig.Peer, _rig.Tcp, _rig.Socket })
        {
            Assert.Equal(external, await http.GetStringAsync(new Uri($"/rrd_unarchive?uuid={TransferRig.Uuid}", UriKind.Relative)));
        }
        using var post = await _rig.Peer.PostAsync(new Uri($"/rrd_unarchive?uuid={TransferRig.Uuid.ToUpperInvariant()}&json", UriKind.Relative), null);
        Assert.Equal("application/json", post.Content.Headers.ContentType!.MediaType);
        Assert.StartsWith("{\"version\":\"0003\"", await post.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packed_document_is_unpacked_whatever_its_headers_say()
    {
        byte[] packed = Pack(TransferRig.Document);
        using var content = new ByteArrayContent(packed);
        content.Headers.ContentEncoding.Add("gzip");

        using var declared = await _rig.Peer.PutAsync(new Uri(TransferRig.Target(), UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.OK, declared.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await TransferRig.PutAsync(_rig.Peer, packed)).Status);
        Assert.StartsWith("<?xml", await _rig.Peer.GetStringAsync(new Uri($"/rrd_unarchive?uuid={TransferRig.Uuid}", UriKind.Relative)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_query_says_of_the_rrd_is_handed_on()
    {
        var received = new List<IncomingRrd>();
        _rig.Receive = (rrd, document, end) =>
        {
            received.Add(rrd);
            return document.CopyToAsync(Stream.Null, end);
        };

        await TransferRig.PutAsync(_rig.Peer, [1], $"/rrd?is_host=true&archive=&uuid={TransferRig.Uuid.ToUpperInvariant()}");
        await TransferRig.PutAsync(_rig.Peer, [1], $"/rrd?is_host=false&domid=17&uuid={TransferRig.Uuid}");

        Assert.Equal([new(TransferRig.Uuid, true, true), new(TransferRig.Uuid, false, false)], received);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Forwarded_rrd_ends_where_its_root_does_however_it_comes(int portion)
    {
        string received = "";
        _rig.Receive = async (_, document, end) =>
        {
            using var reader = new StreamReader(document);
            received = await reader.ReadToEndAsync(end);
        };
        const string Document = "<rrd><ds><name>&lt;/rrd></name></ds><</rr></rrd>";
        var query = new Dictionary<string, string> { ["uuid"] = TransferRig.Uuid };

        var refusal = await _rig.Transfers.TakeForwardedAsync(query, new PortionedStream(Document + "and more that never ends", portion), default);

        Assert.Null(refusal);
        Assert.Equal(Document, received);
        Assert.Equal(400, (await _rig.Transfers.TakeForwardedAsync(new Dictionary<string, string> { ["uuid"] = "../x" }, Stream.Null, default))!.Status);
    }

    [Theory]
    [InlineData("", "", "Give the pool secret")]
    [InlineData("pool_secret=wrong", "", "not the pool secret")]
    [InlineData("pool_secret=", "", "Give the pool secret")]
    [InlineData("", "&pool_secret=", "not the pool secret")]
    [InlineData("", "&pool_secret=7f1e/secret/93a", "not the pool secret")]
    [InlineData("session_id=OpaqueRef:1", "", "knows no sessions")]
    [InlineData("", "&session_id=OpaqueRef:1", "knows no sessions")]
    public async Task Without_the_pool_secret_nothing_is_taken_or_given_over_tls(string cookie, string query, string expected)
    {
        if (cookie.Length > 0)
        {
            _rig.Stranger.DefaultRequestHeaders.Add("cookie", cookie);
        }

        var put = await TransferRig.PutAsync(_rig.Stranger, TransferRig.Document, TransferRig.Target() + query);
        using var get = await _rig.Stranger.GetAsync(new Uri($"/rrd_unarchive?uuid={TransferRig.Uuid}{query}", UriKind.Relative));

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (put.Status, get.StatusCode));
        Assert.Contains(expected, put.Text, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_rig.Archives));
    }

    [Fact]
    public async Task Pool_secret_may_stand_in_the_query()
    {
        var put = await TransferRig.PutAsync(_rig.Stranger, TransferRig.Document, $"{TransferRig.Target()}&pool_secret={TransferRig.Secret}");

        Assert.Equal(HttpStatusCode.OK, put.Status);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task Host_without_a_pool_secret_lets_nobody_in(string? known)
    {
        _rig.KnownSecret = known;

        Assert.Equal(
            HttpStatusCode.Unauthorized, (await TransferRig.PutAsync(_rig.Stranger, TransferRig.Document, TransferRig.Target() + "&pool_secret=")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await TransferRig.PutAsync(_rig.Peer, TransferRig.Document)).Status);
    }

    [Fact]
    public async Task Nothing_is_taken_over_tcp_whatever_the_secret()
    {
        var put = await TransferRig.PutAsync(_rig.Tcp, TransferRig.Document, $"{TransferRig.Target()}&pool_secret={TransferRig.Secret}");

        Assert.Equal(HttpStatusCode.Forbidden, put.Status);
        Assert.False(Directory.Exists(_rig.Archives));
    }

    [Fact]
    public async Task On_the_socket_the_agents_own_user_may()
    {
        Assert.Equal(HttpStatusCode.OK, (await TransferRig.PutAsync(_rig.Socket, TransferRig.Document)).Status);
    }

    [RootFact]
    public async Task On_the_socket_another_user_may_not()
    {
        string folder = Path.GetDirectoryName(_rig.SocketPath)!;
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(_rig.SocketPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        string[] curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--unix-socket", _rig.SocketPath, "-X", "PUT", "--data", "<rrd/>"];
        var start = new ProcessStartInfo(
            "setpriv", ["--reuid", "65534", "--regid", "65534", "--clear-groups", .. curl, $"http://localhost{TransferRig.Target()}"])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        string status = await process.StandardOutput.ReadToEndAsync().WaitAsync(TransferRig.Deadline);
        await process.WaitForExitAsync();

        Assert.Equal("403", status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("../../../../../../../../../../tmp/pwn")]
    [InlineData("11111111-0000-4000-8000-00000000000/")]
    [InlineData("11111111000040008000000000000001")]
    [InlineData("{1111111-0000-4000-8000-00000000001}")]
    [InlineData("%2011111111-0000-4000-8000-00000000001")]
    [InlineData("11111111-0000-4000-8000-000000000001&uuid=11111111-0000-4000-8000-000000000002")]
    [InlineData("11111111-0000-4000-8000-000000000001%00")]
    public async Task Uuid_that_is_none_leads_nowhere(string uuid)
    {
        var put = await TransferRig.PutAsync(_rig.Peer, TransferRig.Document, TransferRig.Target(uuid));
        using var get = await _rig.Peer.GetAsync(new Uri("/rrd_unarchive?uuid=" + uuid, UriKind.Relative));

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest), (put.Status, get.StatusCode));
        Assert.False(Directory.Exists(_rig.Archives));
    }

    [Fact]
    public async Task Document_that_is_no_rrd_is_refused_with_the_reason_and_the_archive_before_stays()
    {
        await TransferRig.PutAsync(_rig.Peer, TransferRig.Document);
        byte[] before = await File.ReadAllBytesAsync(_rig.ArchiveOf(TransferRig.Uuid));

        foreach (byte[] document in new[] { "<html></html>"u8.ToArray(), [], [0x1f, 0x8b, 8, 0], TransferRig.Document[..^1], [.. TransferRig.Document, 65] })
        {
            var put = await TransferRig.PutAsync(_rig.Peer, document);
            Assert.Equal((HttpStatusCode.BadRequest, false), (put.Status, put.IsStored));
            Assert.StartsWith("This is no RRD: ", put.Text, StringComparison.Ordinal);
        }
        Assert.Equal(before, await File.ReadAllBytesAsync(_rig.ArchiveOf(TransferRig.Uuid)));
        Assert.Single(Directory.EnumerateFileSystemEntries(_rig.Archives));
    }

    [Fact]
    public async Task Trouble_of_this_host_is_said_to_be_that()
    {
        foreach (var (trouble, status) in new (Exception, HttpStatusCode)[]
        {
            (new IOException("No space left on device", 28), HttpStatusCode.InsufficientStorage),
            (new IOException("the disk is broken", 5), HttpStatusCode.InternalServerError),
            (new NotSupportedException("archives only"), HttpStatusCode.NotImplemented),
        })
        {
            _rig.Receive = (_, _, _) => throw trouble;
            var put = await TransferRig.PutAsync(_rig.Peer, TransferRig.Document);
            Assert.Equal((status, false), (put.Status, put.IsStored));
            Assert.Contains(trouble.Message, put.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Archive_that_is_not_there_or_broken_is_said_so()
    {
        Directory.CreateDirectory(_rig.Archives);
        await File.WriteAllBytesAsync(_rig.ArchiveOf(TransferRig.Uuid), Pack(Encoding.ASCII.GetBytes("<rrd>")));

        using var broken = await _rig.Peer.GetAsync(new Uri($"/rrd_unarchive?uuid={TransferRig.Uuid}", UriKind.Relative));
        using var missing = await _rig.Peer.GetAsync(new Uri("/rrd_unarchive?uuid=22222222-0000-4000-8000-000000000002", UriKind.Relative));

        Assert.Equal((HttpStatusCode.InternalServerError, HttpStatusCode.NotFound), (broken.StatusCode, missing.StatusCode));
    }

    [Fact]
    public async Task There_is_one_path_to_put_to()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await TransferRig.PutAsync(_rig.Peer, TransferRig.Document, "/rrd_unarchive?uuid=" + TransferRig.Uuid)).Status);
    }

    private static byte[] Pack(byte[] document)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(document);
        }
        return packed.ToArray();
    }

    /// <summary>Comes a few bytes at a time, and stays open at its end.</summary>
    private sealed class PortionedStream(string text, int portion) : MemoryStream(System.Text.Encoding.ASCII.GetBytes(text))
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await base.ReadAsync(buffer[..Math.Min(portion, buffer.Length)], cancellationToken);
            return count > 0 ? count : throw new InvalidOperationException("read beyond the document");
        }
    }
}
