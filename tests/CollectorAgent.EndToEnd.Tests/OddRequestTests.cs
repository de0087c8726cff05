using System.Net;
using System.Net.Sockets;
using System.Text;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Requests as clients in the field write them, and as strangers do, to a real agent on its socket and over TCP.</summary>
public sealed class OddRequestTests(OddRequestTests.ListeningAgent listening) : IClassFixture<OddRequestTests.ListeningAgent>
{
    private const string Call = "<?xml version=\"1.0\"?><methodCall><methodName>Plugin.get_header</methodName>"
        + "<params><param><value><nil/></value></param></params></methodCall>";

    [Theory]
    [InlineData("")]
    [InlineData("Host:\r\n")]
    [InlineData("Host: localhost\r\n")]
    [InlineData("host:localhost:\r\n")]
    [InlineData("Host: localhost:port\r\n")]
    [InlineData("Host: /var/xapi/xcp-rrdd\r\n")]
    [InlineData("Host: %2Fvar%2Fxapi%2Fxcp-rrdd\r\n")]
    [InlineData("Host: [...]\r\n")]
    [InlineData("HOST: a b\r\n")]
    [InlineData("Host: one\r\nHost: two\r\n")]
    [InlineData("Host: evil.example\r\nOrigin: http://evil.example\r\n")]
    public async Task On_the_unix_socket_it_does_not_matter_what_the_host_is(string header)
    {
        foreach (string version in (string[])["1.0", "1.1"])
        {
            string get = await SocketAsync($"GET /status HTTP/{version}\r\n{header}Connection: close\r\n\r\n");
            string post = await SocketAsync(
                $"POST / HTTP/{version}\r\n{header}Content-Length: {Call.Length}\r\nConnection: close\r\n\r\n{Call}");
            string put = await SocketAsync($"PUT /elsewhere HTTP/{version}\r\n{header}Content-Length: 3\r\nConnection: close\r\n\r\nabc");

            Assert.StartsWith("HTTP/1.1 200 ", get, StringComparison.Ordinal);
            Assert.Contains("<name>Status</name><value>Success</value>", post, StringComparison.Ordinal);
            Assert.StartsWith("HTTP/1.1 404 ", put, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task One_connection_carries_many_requests_without_a_host_and_their_bodies()
    {
        string chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
            + $"5;x=y\r\n{Call[..5]}\r\n{Call.Length - 5:x}\r\n{Call[5..]}\r\n0\r\nTrailer: Host: no\r\n\r\n";
        string counted = $"POST / HTTP/1.1\r\nHost: /a/path\r\nContent-Length: {Call.Length}\r\n\r\n{Call}";
        string bare = "GET /capabilities HTTP/1.1\nHost: b c\n\n";

        string answers = await SocketAsync($"{chunked}{counted}\r\n{bare}{chunked}GET /capabilities HTTP/1.1\r\nConnection: close\r\n\r\n", byteByByte: true);

        Assert.Equal(3, answers.Split("<value>Success</value>").Length - 1);
        Assert.Equal(2, answers.Split("SR_STATS").Length - 1);
        Assert.Equal(5, answers.Split("HTTP/1.1 200 ").Length - 1);
    }

    [Theory]
    [InlineData("Accept", "text/plain;q=0.5")]
    [InlineData("Accept-Encoding", "gzip;q=0.5")]
    [InlineData("If-None-Match", "\"abc\"")]
    public async Task List_in_a_header_is_refused_beyond_8_KiB_and_read_up_to_it(string name, string entry)
    {
        string longest = string.Join(',', Enumerable.Repeat(entry, 8192 / (entry.Length + 1)));

        foreach (string path in (string[])["/metrics", "/rrd_updates?start=-10&host=true"])
        {
            Assert.StartsWith(
                "HTTP/1.1 200 ", await SocketAsync($"GET {path} HTTP/1.1\r\n{name}: {longest}\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
            foreach (string tooLong in (string[])[$"{name}: {longest},{entry},{entry}", $"{name}: {longest}\r\n{name}: {longest}"])
            {
                string answer = await TcpAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{tooLong}\r\nConnection: close\r\n\r\n");
                Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
                Assert.Contains($"The header {name} is longer than 8192 characters.", answer, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("127.0.0.1:9780", 200)]
    [InlineData("192.0.2.7:80", 200)]
    [InlineData("[::1]:9780", 200)]
    [InlineData("localhost:9780", 200)]
    [InlineData("LOCALHOST.", 200)]
    [InlineData("stats.localhost", 200)]
    [InlineData("stats.alias.example:9780", 200)]
    [InlineData("alias.example", 403)]
    [InlineData("evil.example", 403)]
    [InlineData("127.0.0.1.evil.example", 403)]
    [InlineData("localhost.evil.example:9780", 403)]
    public async Task Over_tcp_the_host_is_an_address_or_a_name_of_this_host(string host, int status)
    {
        foreach (string path in (string[])["/status", "/rrd_updates?start=-10&host=true"])
        {
            string answer = await TcpAsync($"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");

            Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
            Assert.Equal(status == 403, answer.Contains("--allow-host", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Own_name_is_answered_over_tcp() => Assert.StartsWith(
        "HTTP/1.1 200 ", await TcpAsync($"GET /status HTTP/1.1\r\nHost: {Dns.GetHostName()}:1\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);

    [Theory]
    [InlineData("/rrd_updates?start=-10&host=true", 200, true)]
    [InlineData("/host_rrd", 200, true)]
    [InlineData("/status", 403, false)]
    [InlineData("/data_sources", 403, false)]
    [InlineData("/capabilities", 403, false)]
    [InlineData("/metrics", 403, false)]
    public async Task Web_page_of_a_stranger_reads_recorded_values_and_nothing_else(string path, int status, bool isForAll)
    {
        string own = await TcpAsync($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:1\r\nOrigin: http://127.0.0.1:1\r\nConnection: close\r\n\r\n");
        string other = await TcpAsync($"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:1\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 200 ", own, StringComparison.Ordinal);
        Assert.Equal(isForAll, own.Contains("Access-Control-Allow-Origin: *\r\n", StringComparison.Ordinal));
        Assert.StartsWith($"HTTP/1.1 {status} ", other, StringComparison.Ordinal);
        Assert.Equal(isForAll, other.Contains("Access-Control-Allow-Origin: *\r\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ffffffffffffffff")]
    [InlineData("7fffffffffffffff")]
    [InlineData("8000000000000000")]
    [InlineData("fffffffffffffffff")]
    [InlineData("10000000000000000")]
    [InlineData("80000000")]
    [InlineData("-1")]
    [InlineData("x")]
    [InlineData("")]
    public async Task Chunk_of_a_size_that_cannot_be_is_400_on_every_path_and_leaves_no_trace_of_a_stack(string size)
    {
        const string Uuid = "uuid=11111111-0000-4000-8000-000000000001";
        foreach (string line in (string[])["POST /", $"POST /rrd_unarchive?{Uuid}", $"PUT /rrd?archive&{Uuid}"])
        {
            string answer = await SocketAsync(
                $"{line} HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{size}\r\nabc\r\n0\r\n\r\n");

            Assert.Matches("^HTTP/1.1 4", answer);
        }
        string log = listening.Agent.Log;
        Assert.DoesNotContain("   at ", log, StringComparison.Ordinal);
        Assert.DoesNotContain("nhandled", log, StringComparison.Ordinal);
        Assert.InRange(log.Length, 0, 20_000);
    }

    [Fact]
    public async Task Every_refusal_leaves_a_line_in_the_log_a_minute_and_no_more()
    {
        using var folder = new TemporaryFolder();
        string none = Directory.CreateDirectory(Path.Combine(folder.Path, "none")).FullName;
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", none);
        var socket = new UnixDomainSocketEndPoint(agent.Paths.Socket);

        for (int i = 0; i < 50; i++)
        {
            Assert.StartsWith("HTTP/1.1 400 ", await AnswerAsync(AddressFamily.Unix, socket, "NO SUCH THING\r\n\r\n", false), StringComparison.Ordinal);
        }
        string other = await AnswerAsync(AddressFamily.Unix, socket, "DELETE / HTTP/1.1\r\nConnection: close\r\n\r\n", false);

        Assert.Matches("^HTTP/1.1 405 (.|\n)*GET, HEAD, POST and PUT", other);
        await agent.EndAsync("TERM");
        Assert.Equal(2, agent.Log.Split("Refused a request: Its head cannot be read").Length);
    }

    private Task<string> SocketAsync(string request, bool byteByByte = false) =>
        AnswerAsync(AddressFamily.Unix, new UnixDomainSocketEndPoint(listening.Agent.Paths.Socket), request, byteByByte);

    private Task<string> TcpAsync(string request) => AnswerAsync(AddressFamily.InterNetwork, listening.Address, request, false);

    private static async Task<string> AnswerAsync(AddressFamily family, EndPoint address, string request, bool byteByByte)
    {
        using var socket = new Socket(family, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(address);
        byte[] bytes = Encoding.ASCII.GetBytes(request);
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent, byteByByte ? 1 : bytes.Length - sent));
        }
        using var reader = new StreamReader(new NetworkStream(socket));
        return await reader.ReadToEndAsync().WaitAsync(AgentProcess.Deadline);
    }

    public sealed class ListeningAgent : IAsyncLifetime
    {
        private readonly TemporaryFolder _folder = new();
        private AgentProcess? _agent;

        internal AgentProcess Agent => _agent!;

        internal IPEndPoint Address { get; } = new(IPAddress.Loopback, 0);

        public async Task InitializeAsync()
        {
            string none = Directory.CreateDirectory(Path.Combine(_folder.Path, "none")).FullName;
            using (var socket = new Socket(SocketType.Stream, ProtocolType.Tcp))
            {
                socket.Bind(Address);
                Address.Port = ((IPEndPoint)socket.LocalEndPoint!).Port;
            }
            _agent = await AgentProcess.StartAsync(
                _folder.Path, "--listen", Address.ToString(), "--plugins", none, "--allow-host", "stats.alias.example");
            await File.WriteAllBytesAsync(_agent.Paths.Page("p"), PageWriter.Version2(
                TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), [new ReportedSource("v") { IsDefault = true, Type = ReportedType.Gauge }], [0]));
            await _agent.UntilAsync("/status", s => s["owners"]!.AsArray().Count > 0);
        }

        public Task DisposeAsync()
        {
            _agent?.Dispose();
            _folder.Dispose();
            return Task.CompletedTask;
        }
    }
}
