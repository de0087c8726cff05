using System.IO.Compression;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace CollectorAgent.Http.Tests;

/// <summary>Senders that want memory, disk or places, or stop in the middle.</summary>
[Collection(Alone.Name)]
public sealed class HostileTransferTests : IAsyncLifetime
{
    private const string Head = "<rrd><version>0003</version><step>5</step><lastupdate>1700000016</lastupdate>";

    private readonly TransferRig _rig = new();

    public Task InitializeAsync() => _rig.InitializeAsync();

    public Task DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Document_that_unpacks_a_thousandfold_is_cut_off()
    {
        byte[] bomb = Bomb("", new byte[1 << 20], 300);

        var (put, allocated) = await MeasureAsync(bomb);

        Assert.InRange(bomb.Length, 1, 400_000);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, put.Status);
        Assert.InRange(allocated, 0, 32 << 20);
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task Document_of_very_many_values_is_cut_off()
    {
        string sources = string.Concat(Enumerable.Range(0, 1000).Select(i => $"<ds><name>d{i}</name><type>GAUGE</type></ds>"));
        byte[] row = Encoding.ASCII.GetBytes("<row>" + string.Concat(Enumerable.Repeat("<v/>", 1000)) + "</row>");
        byte[] bomb = Bomb(Head + sources + "<rra><cf>AVERAGE</cf><pdp_per_row>1</pdp_per_row><database>", row, 60_000);

        var (put, allocated) = await MeasureAsync(bomb);

        Assert.Equal(HttpStatusCode.BadRequest, put.Status);
        Assert.Contains("more than 16777216 values", put.Text, StringComparison.Ordinal);
        Assert.InRange(allocated, 128 << 20, 192 << 20);
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("<rrd a=\"", "more than 65536 bytes without a tag")]
    [InlineData("<", "more than 65536 bytes without a tag")]
    [InlineData("<!--", "more than 65536 bytes without a tag")]
    public async Task Document_without_end_of_a_name_is_cut_off(string start, string expected)
    {
        byte[] name = new byte[1 << 20];
        name.AsSpan().Fill((byte)'n');

        var (put, allocated) = await MeasureAsync(Bomb(start, name, 200));

        Assert.Equal(HttpStatusCode.BadRequest, put.Status);
        Assert.Contains(expected, put.Text, StringComparison.Ordinal);
        Assert.InRange(allocated, 0, 32 << 20);
    }

    [Fact]
    public async Task Length_that_is_too_much_is_refused_before_anything_is_sent()
    {
        await using var tls = await _rig.BeginAsync($"Content-Length: {TransferEndpoints.MaxDocumentBytes + 1}\r\nExpect: 100-continue\r\n");

        Assert.Equal("HTTP/1.1 413 Payload Too Large", await TransferRig.LineAsync(tls));
    }

    [Fact]
    public async Task Document_without_a_length_is_refused()
    {
        await using var tls = await _rig.BeginAsync("");

        Assert.Equal("HTTP/1.1 411 Length Required", await TransferRig.LineAsync(tls));
    }

    [Fact]
    public async Task Document_in_chunks_is_taken()
    {
        await using var tls = await _rig.BeginAsync("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n");
        Assert.Equal("HTTP/1.1 100 Continue", await TransferRig.LineAsync(tls));
        await TransferRig.LineAsync(tls);

        await tls.WriteAsync(Encoding.ASCII.GetBytes($"{TransferRig.Document.Length:x}\r\n"));
        await tls.WriteAsync(TransferRig.Document);
        await tls.WriteAsync("\r\n0\r\n\r\n"u8.ToArray());

        Assert.Equal("HTTP/1.1 200 OK", await TransferRig.LineAsync(tls));
    }

    [Fact]
    public async Task Sender_that_is_gone_in_the_middle_leaves_nothing_and_its_place_is_free()
    {
        for (int i = 0; i < TransferEndpoints.MaxAtATime; i++)
        {
            var tls = await BegunAsync($"11111111-0000-4000-8000-00000000001{i}");
            await tls.DisposeAsync();
        }

        await TestKit.Wait.UntilAsync(() => !Directory.EnumerateFileSystemEntries(_rig.Archives).Any(), () => "what was begun to be gone");
        Assert.Equal(HttpStatusCode.OK, (await TransferRig.PutAsync(_rig.Peer, TransferRig.Document)).Status);
        Assert.Empty(await _rig.ErrorsAsync());
    }

    [Fact]
    public async Task Sender_that_resets_the_connection_is_no_error_of_this_host()
    {
        var (tcp, tls) = await _rig.ConnectAsync($"Content-Length: {TransferRig.Document.Length}\r\n");
        await tls.WriteAsync(TransferRig.Document.AsMemory(0, 1000));
        await TestKit.Wait.UntilAsync(
            () => Directory.Exists(_rig.Archives) && Directory.EnumerateFiles(_rig.Archives).Any(), () => "a file to be begun");

        tcp.Client.LingerState = new LingerOption(true, 0);
        tcp.Client.Close();

        await TestKit.Wait.UntilAsync(() => !Directory.EnumerateFileSystemEntries(_rig.Archives).Any(), () => "what was begun to be gone");
        Assert.Equal(HttpStatusCode.OK, (await TransferRig.PutAsync(_rig.Peer, TransferRig.Document)).Status);
        Assert.Empty(await _rig.ErrorsAsync());
    }

    [Fact]
    public async Task Sender_that_stops_in_the_middle_is_given_up()
    {
        await using var tls = await BegunAsync();

        Assert.Equal("HTTP/1.1 408 Request Timeout", await TransferRig.LineAsync(tls));
        AssertNothingIsLeft();
    }

    [Fact]
    public async Task So_many_are_taken_at_a_time_and_the_next_is_told_to_come_back()
    {
        var places = new List<SslStream>();
        var held = new TaskCompletionSource();
        int begun = 0;
        _rig.Receive = (_, document, _) =>
        {
            Interlocked.Increment(ref begun);
            return held.Task;
        };
        for (int i = 0; i < TransferEndpoints.MaxAtATime; i++)
        {
            places.Add(await _rig.BeginAsync("Content-Length: 2\r\n"));
            await places[i].WriteAsync(new byte[] { 1, 2 });
        }
        await TestKit.Wait.UntilAsync(() => Volatile.Read(ref begun) == TransferEndpoints.MaxAtATime, () => "all places to be taken");

        using var content = new ByteArrayContent(TransferRig.Document);
        using var refused = await _rig.Peer.PutAsync(new Uri(TransferRig.Target(), UriKind.Relative), content);
        held.SetResult();
        foreach (var place in places)
        {
            Assert.Equal("HTTP/1.1 200 OK", await TransferRig.LineAsync(place));
            await place.DisposeAsync();
        }
        var taken = await TransferRig.PutAsync(_rig.Peer, TransferRig.Document);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, taken.Status);
    }

    /// <summary>A PUT that has begun to be taken: its file is there.</summary>
    private async Task<SslStream> BegunAsync(string uuid = TransferRig.Uuid)
    {
        var tls = await _rig.BeginAsync($"Content-Length: {TransferRig.Document.Length}\r\n", TransferRig.Target(uuid));
        await tls.WriteAsync(TransferRig.Document.AsMemory(0, 1000));
        await TestKit.Wait.UntilAsync(
            () => Directory.Exists(_rig.Archives) && Directory.EnumerateFiles(_rig.Archives, $"*{uuid}*").Any(), () => "a file to be begun");
        return tls;
    }

    private async Task<((HttpStatusCode Status, string Text, bool IsStored) Put, long Allocated)> MeasureAsync(byte[] bomb)
    {
        // What is made once.
        await TransferRig.PutAsync(_rig.Peer, TransferRig.Document, TransferRig.Target("22222222-0000-4000-8000-000000000002"));
        File.Delete(_rig.ArchiveOf("22222222-0000-4000-8000-000000000002"));
        long before = GC.GetTotalAllocatedBytes(precise: true);
        var put = await TransferRig.PutAsync(_rig.Peer, bomb);
        return (put, GC.GetTotalAllocatedBytes(precise: true) - before);
    }

    private void AssertNothingIsLeft() => Assert.Empty(Directory.EnumerateFileSystemEntries(_rig.Archives));

    private static byte[] Bomb(string start, byte[] portion, int count)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Encoding.ASCII.GetBytes(start));
            for (int i = 0; i < count; i++)
            {
                gzip.Write(portion);
            }
        }
        return packed.ToArray();
    }
}
