using System.Net;
using System.Net.Sockets;
using System.Text;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Rpc.Tests;

/// <summary>What comes over the socket, in whatever pieces, and who else is on it.</summary>
public sealed class StreamTests : IAsyncLifetime
{
    private readonly SocketRig _rig = new();

    public Task InitializeAsync() => _rig.InitializeAsync();

    public Task DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task Request_that_comes_byte_by_byte_is_answered()
    {
        using var client = await _rig.ConnectAsync();
        foreach (byte b in TestClient.Request(7, "hello", ("protocol", 1), ("client", "slow")))
        {
            await client.SendAsync([b]);
        }

        Assert.StartsWith("1 7 nil protocol=1", await client.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_in_one_packet_are_answered_in_their_order()
    {
        using var client = await _rig.ConnectAsync();
        await client.SendAsync(
        [
            .. TestClient.Request(1, "hello", ("protocol", 1), ("client", "fast")),
            .. Enumerable.Range(2, 500).SelectMany(i => TestClient.Request(i, "register", ("uid", $"u{i % 3}"))),
            .. TestClient.Request(502, "nope"),
        ]);

        Assert.StartsWith("1 1 nil", await client.NextAsync(), StringComparison.Ordinal);
        for (int i = 2; i < 502; i++)
        {
            Assert.StartsWith($"1 {i} nil path", await client.NextAsync(), StringComparison.Ordinal);
        }
        Assert.StartsWith("1 502 code=Unknown_method", await client.NextAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notices_and_responses_of_a_client_are_passed_over()
    {
        using var client = await _rig.ConnectAsync();
        await client.SendAsync([.. Convert.FromHexString("9302a16190"), .. Convert.FromHexString("940105c0c0")]);

        Assert.StartsWith("nil protocol=1", await client.CallAsync("hello", ("protocol", 1), ("client", "t")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("c1")]
    [InlineData("9100")]
    [InlineData("940000a16190c0")]
    [InlineData("9400ffa16190")]
    [InlineData("dd7fffffff")]
    [InlineData("9400c600100000")]
    [InlineData("929292929292929292929292929292929292929292929292929292929292929292929292")]
    public async Task Rubbish_closes_that_connection_and_ends_its_registrations(string hex)
    {
        using var other = await _rig.HelloAsync();
        using var client = await _rig.HelloAsync();
        _rig.WritePage("a");
        await client.CallAsync("register", ("uid", "a"));
        await client.SendAsync(Convert.FromHexString(hex));

        // A request, which is answered, and then a value that is no message.
        if (hex == "940000a16190c0")
        {
            Assert.StartsWith("1 0 code=Unknown_method", await client.NextAsync(), StringComparison.Ordinal);
        }
        Assert.Null(await client.NextAsync());
        await _rig.ToldAsync("+a", "-a");
        Assert.StartsWith("nil", await other.CallAsync("register", ("uid", "b")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connection_that_closes_within_a_message_ends_its_registrations()
    {
        _rig.WritePage("a");
        var client = await _rig.HelloAsync();
        await client.CallAsync("register", ("uid", "a"));
        await client.SendAsync(TestClient.Request(9, "register", ("uid", "b"))[..^1]);
        client.Dispose();

        await _rig.ToldAsync("+a", "-a");
    }

    [Fact]
    public async Task Connection_that_says_nothing_is_closed_after_thirty_seconds()
    {
        using var silent = await _rig.ConnectAsync();
        await Wait.UntilAsync(() => _rig.Time.PendingTimers == 1, () => "its deadline");
        using var withoutHello = await _rig.ConnectAsync();
        await withoutHello.SendAsync([0x94]);
        using var polite = await _rig.HelloAsync();
        await Wait.UntilAsync(() => _rig.Time.PendingTimers == 2, () => "the deadlines of those who have said nothing");

        _rig.Time.Advance(TimeSpan.FromSeconds(29.9));
        Assert.Equal(2, _rig.Time.PendingTimers);
        _rig.Time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Null(await silent.NextAsync());
        Assert.Null(await withoutHello.NextAsync());
        Assert.StartsWith("nil", await polite.CallAsync("register", ("uid", "a")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http_and_xml_rpc_and_messagepack_rpc_share_the_socket_at_once()
    {
        using var client = await _rig.HelloAsync();
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, token) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(_rig.SocketPath), token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var call = new ByteArrayContent(XmlRpc.WriteCall(new XmlRpcCall(RpcMethod.GetHeader, [XmlRpcValue.Nothing])));

        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("read", await http.GetStringAsync(new Uri("http://localhost/")));
            using var answer = await http.PostAsync(new Uri("http://localhost/"), call);
            await using var body = await answer.Content.ReadAsStreamAsync();
            Assert.Equal(RpcMethod.Header, RpcReply.Open(XmlRpc.ReadResponse(body)).AsText);
            Assert.StartsWith("nil path", await client.CallAsync("register", ("uid", "both")), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 200)]
    [InlineData("\u0081\u00a1a\u0001\r\n\r\n", 400)]
    [InlineData("\u0001\u0002\r\n\r\n", 400)]
    public async Task What_does_not_begin_with_an_array_goes_to_http_as_it_came(string text, int status)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(_rig.SocketPath));
        foreach (byte b in Encoding.Latin1.GetBytes(text))
        {
            try
            {
                await socket.SendAsync(new[] { b });
            }
            catch (SocketException)
            {
                // It has been answered before its end.
                break;
            }
        }
        byte[] answer = new byte[4096];
        int length = await socket.ReceiveAsync(answer);

        Assert.StartsWith($"HTTP/1.1 {(HttpStatusCode)status:D} ", Encoding.ASCII.GetString(answer, 0, length), StringComparison.Ordinal);
    }
}
