using System.Text;

namespace CollectorAgent.Peers.Tests;

/// <summary>Transfers to a peer that answers first and reads then, as hosts in the field do.</summary>
public sealed class PeerClientTests : IDisposable
{
    // More than sockets hold on the way.
    private static readonly string Large = $"<rrd>{new string(' ', 16 << 20)}</rrd>";

    private readonly PeerRig _rig = new();

    public void Dispose() => _rig.Dispose();

    [PythonFact]
    public async Task Peer_that_answers_before_it_reads_gets_the_whole_document_and_cannot_confirm_it()
    {
        using var peer = await _rig.ReceiverAsync("old");

        var receipt = await _rig.PutAsync(peer, Large);

        Assert.Equal(PeerReceipt.Taken, receipt);
        Assert.Equal(Large.Length, (int)await peer.NextAsync("length"));
    }

    [PythonFact]
    public async Task Request_is_as_peers_in_the_field_know_it()
    {
        using var peer = await _rig.ReceiverAsync("old");

        await _rig.PutAsync(peer, "<rrd></rrd>");

        string[] head = ((string)(await peer.NextAsync("head"))!).Split("\r\n");
        Assert.Equal($"PUT /rrd?archive=true&uuid={PeerRig.Uuid} HTTP/1.1", head[0]);
        Assert.Equal(
            ["Content-Length: 11", $"Cookie: pool_secret={PeerRig.Secret}", "Expect: 100-continue", $"Host: {peer.Address}", "User-Agent: rrdd/1.2.3"],
            head[1..].OrderBy(h => h, StringComparer.Ordinal).ToArray());
    }

    [PythonFact]
    public async Task Session_stands_for_the_pool_secret()
    {
        using var peer = await _rig.ReceiverAsync("old");

        await _rig.PutAsync(peer, credential: PeerCredential.Session("OpaqueRef:a&b=c d"));

        string head = (string)(await peer.NextAsync("head"))!;
        Assert.StartsWith($"PUT /rrd?session_id=OpaqueRef%3Aa%26b%3Dc%20d&archive=true&uuid={PeerRig.Uuid} ", head, StringComparison.Ordinal);
        Assert.DoesNotContain(PeerRig.Secret, head, StringComparison.Ordinal);
    }

    [PythonFact]
    public async Task Error_page_behind_the_first_answer_is_a_failure()
    {
        using var peer = await _rig.ReceiverAsync("page");

        Assert.Equal(
            $"{peer.Address} read the document and then answered: HTTP/1.1 500 Internal Error",
            await PeerRig.FailureAsync(_rig.PutAsync(peer)));
    }

    [PythonFact]
    public async Task Peer_that_breaks_off_is_a_failure()
    {
        using var peer = await _rig.ReceiverAsync("break");

        Assert.StartsWith(peer.Address.ToString(), await PeerRig.FailureAsync(_rig.PutAsync(peer, Large)), StringComparison.Ordinal);
    }

    [PythonFact]
    public async Task Redirect_is_not_followed()
    {
        using var peer = await _rig.ReceiverAsync("redirect");

        Assert.Equal($"{peer.Address} answered 302: ", await PeerRig.FailureAsync(_rig.PutAsync(peer)));
    }

    [PythonFact]
    public async Task Refusal_has_the_first_line_of_what_the_peer_says_but_not_the_secret()
    {
        using var peer = await _rig.ReceiverAsync("echo");

        string message = await PeerRig.FailureAsync(_rig.PutAsync(peer));
        string ofSession = await PeerRig.FailureAsync(_rig.PutAsync(peer, credential: PeerCredential.Session(PeerRig.Secret)));

        Assert.StartsWith($"{peer.Address} answered 403: PUT /rrd?archive=true&uuid=", message, StringComparison.Ordinal);
        Assert.Contains("pool_secret=***", message, StringComparison.Ordinal);
        Assert.Contains("session_id=***", ofSession, StringComparison.Ordinal);
        Assert.DoesNotContain("more", message, StringComparison.Ordinal);
    }

    [PythonFact]
    public async Task Peer_that_does_not_answer_is_given_up_after_20_seconds()
    {
        using var peer = await _rig.ReceiverAsync("silent");

        var put = _rig.PutAsync(peer);
        await peer.NextAsync("head");
        _rig.Time.Advance(TimeSpan.FromSeconds(19));
        Assert.False(put.IsCompleted);
        _rig.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal($"{peer.Address} an answer did not come within 20 s", await PeerRig.FailureAsync(put));
    }

    [PythonFact]
    public async Task Peer_that_takes_no_more_is_given_up_after_60_seconds()
    {
        using var peer = await _rig.ReceiverAsync("deaf");
        using var document = new MemoryStream(Encoding.UTF8.GetBytes(Large));

        var put = _rig.PutAsync(peer, document);
        // Whatever the sockets hold, it is not all of it.
        await TestKit.Wait.UntilAsync(() => document.Position > 0, () => "the document to begin");
        _rig.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal($"{peer.Address} a sign that it takes the document did not come within 60 s", await PeerRig.FailureAsync(put));
        Assert.True(document.Position < document.Length);
    }

    [PythonFact]
    public async Task Peer_that_neither_confirms_nor_closes_is_given_up_after_60_seconds()
    {
        using var peer = await _rig.ReceiverAsync("linger");

        var put = _rig.PutAsync(peer);
        await peer.NextAsync("length");
        await TestKit.Wait.UntilAsync(() => _rig.Time.PendingWaits is [{ TotalSeconds: 60 }], () => "the client to wait");
        _rig.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.EndsWith("did not come within 60 s", await PeerRig.FailureAsync(put), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peer_that_does_not_shake_hands_is_given_up_after_10_seconds()
    {
        _rig.Options = _rig.Options with { InsecureReason = "a test" };
        using var mute = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        mute.Start();
        var address = PeerAddress.Parse(mute.LocalEndpoint.ToString()!);

        var get = _rig.Client().GetArchiveAsync(address, PeerRig.Uuid, CancellationToken.None);
        using var connection = await mute.AcceptTcpClientAsync();
        _rig.Time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal($"{address} a connection did not come within 10 s", await PeerRig.FailureAsync(get));
    }

    [Fact]
    public async Task Nobody_there_is_a_failure_that_says_so()
    {
        _rig.Options = _rig.Options with { InsecureReason = "a test" };
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var address = PeerAddress.Parse(taken.LocalEndpoint.ToString()!);
        taken.Stop();

        string message = await PeerRig.FailureAsync(_rig.Client().GetArchiveAsync(address, PeerRig.Uuid, CancellationToken.None));

        Assert.Contains("Connection refused", message, StringComparison.Ordinal);
    }

    [PythonFact]
    public async Task Transfer_that_is_not_wanted_any_more_ends_at_once()
    {
        using var peer = await _rig.ReceiverAsync("silent");
        using var end = new CancellationTokenSource();

        var put = _rig.Client().PutAsync(peer.Address, PeerCredential.PoolSecret, PeerRig.Uuid, true, new MemoryStream([1]), 1, end.Token);
        await peer.NextAsync("head");
        await end.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => put);
    }

    [PythonFact]
    public async Task Document_shorter_than_was_said_is_a_failure()
    {
        using var peer = await _rig.ReceiverAsync("old");

        var put = _rig.Client().PutAsync(peer.Address, PeerCredential.PoolSecret, PeerRig.Uuid, true, new MemoryStream([1, 2]), 3, CancellationToken.None);

        Assert.Contains("was promised 3 bytes, and the document has 2", await PeerRig.FailureAsync(put), StringComparison.Ordinal);
    }

    [PythonFact]
    public async Task Fetched_document_that_is_cut_is_a_failure()
    {
        using var peer = await _rig.ReceiverAsync("document");
        await using var document = await _rig.Client().GetArchiveAsync(peer.Address, PeerRig.Uuid, CancellationToken.None);

        await PeerRig.FailureAsync(document.CopyToAsync(Stream.Null));
    }

    [PythonFact]
    public async Task Fetched_document_that_stalls_is_given_up_after_60_seconds()
    {
        using var peer = await _rig.ReceiverAsync("endless");
        await using var document = await _rig.Client().GetArchiveAsync(peer.Address, PeerRig.Uuid, CancellationToken.None);
        Assert.Equal(1, await document.ReadAsync(new byte[1]));

        var more = document.ReadAsync(new byte[1]).AsTask();
        _rig.Time.Advance(TimeSpan.FromSeconds(60));

        Assert.Equal($"{peer.Address} more of the document did not come within 60 s", await PeerRig.FailureAsync(more));
    }

    [PythonFact]
    public async Task Secret_is_read_anew_for_each_transfer()
    {
        using var peer = await _rig.ReceiverAsync("old");
        var client = _rig.Client();
        await File.WriteAllTextAsync(_rig.SecretFile, "another");

        await client.PutAsync(peer.Address, PeerCredential.PoolSecret, PeerRig.Uuid, false, new MemoryStream("<rrd></rrd>"u8.ToArray()), 11, default);

        string head = (string)(await peer.NextAsync("head"))!;
        Assert.StartsWith($"PUT /rrd?uuid={PeerRig.Uuid} ", head, StringComparison.Ordinal);
        Assert.Contains("Cookie: pool_secret=another", head, StringComparison.Ordinal);
    }
}
