using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text.Json.Nodes;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>The agent as an administrator starts, stops and kills it.</summary>
public sealed class LifeTests
{
    private const string LastMinute = "/rrd_updates?start=-60&host=true&json";

    [Fact]
    public async Task Agent_records_this_host_and_goes_on_with_its_history_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        long firstKnown;
        using (var agent = await AgentProcess.StartAsync(folder.Path))
        {
            var updates = await agent.UntilAsync(LastMinute, u => Newest(u, "cpu_avg") is not null and not "NaN");

            Assert.InRange(Number(Newest(updates, "cpu_avg")), 0, 1);
            Assert.InRange(Number(Newest(updates, "loadavg")), 0, 10_000);
            Assert.InRange(Number(Newest(updates, "memory_free_kib")), 1, Number(Newest(updates, "memory_total_kib")));
            firstKnown = KnownTimes(updates, "memory_total_kib").Min();
            int plugin = (int)AgentProcess.Page(await agent.UntilAsync("/status", _ => true), "collector-host")!["peer"]!["pid"]!;

            Assert.Equal(0, await agent.EndAsync("INT"));
            Assert.False(IsRunning(plugin), "the plugin outlived its agent");
            Assert.Empty(Directory.EnumerateFiles(agent.Paths.Pages));
        }
        using (var agent = await AgentProcess.StartAsync(folder.Path))
        {
            var updates = await agent.UntilAsync("/rrd_updates?start=-300&host=true&json", _ => true);

            Assert.Contains(firstKnown, KnownTimes(updates, "memory_total_kib"));
            Assert.Equal(0, await agent.EndAsync("TERM"));
        }
    }

    [Fact]
    public async Task Killed_plugin_comes_back_and_killed_agent_leaves_no_plugin()
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path);
        int first = await PluginPidAsync(agent, _ => true);

        using var host = Process.GetProcessById(first);
        host.Kill();
        int second = await PluginPidAsync(agent, pid => pid != first);
        using var successor = Process.GetProcessById(second);

        await agent.EndAsync("KILL");
        await successor.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
        Assert.True(successor.HasExited);
    }

    [Fact]
    public async Task Second_agent_below_the_same_root_is_refused_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path);

        var (exitCode, errors) = await AgentProcess.RunToEndAsync("--root", folder.Path, "--listen", "none");

        Assert.Equal(1, exitCode);
        Assert.Contains("Another agent works in", errors, StringComparison.Ordinal);
        Assert.NotNull(await agent.UntilAsync("/status", _ => true));
    }

    [Theory]
    [InlineData("--listen: 'localhost' is no ADDRESS:PORT", "--listen", "localhost")]
    [InlineData("--listen: '127.0.0.1:99999' is no ADDRESS:PORT", "--listen", "127.0.0.1:99999")]
    [InlineData("--listen-tls: 'localhost' is no ADDRESS:PORT", "--listen-tls", "localhost")]
    [InlineData("--pin: 'AA:BB' is no SHA-256 fingerprint", "--pin", "AA:BB")]
    [InlineData("--insecure: say why", "--insecure", " ")]
    [InlineData("--plugins: there is no folder /no/such/folder", "--plugins", "/no/such/folder")]
    public async Task Wrong_option_is_refused_with_its_name(string expected, params string[] arguments)
    {
        using var folder = new TemporaryFolder();

        var (exitCode, errors) = await AgentProcess.RunToEndAsync(["--root", folder.Path, .. arguments]);

        Assert.Equal(2, exitCode);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Root_too_deep_for_a_socket_is_refused_with_the_reason()
    {
        var (exitCode, errors) = await AgentProcess.RunToEndAsync("--root", "/tmp/" + new string('x', 100));

        Assert.Equal(2, exitCode);
        Assert.Contains("longer than 107 bytes", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_in_use_is_refused_with_what_to_do()
    {
        using var folder = new TemporaryFolder();
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();

        var (exitCode, errors) = await AgentProcess.RunToEndAsync("--root", folder.Path, "--listen", taken.LocalEndpoint.ToString()!);

        Assert.Equal(1, exitCode);
        Assert.Contains("Choose other addresses with --listen", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Readers_on_tcp_can_read_but_not_call()
    {
        using var folder = new TemporaryFolder();
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        string address = probe.LocalEndpoint.ToString()!;
        probe.Stop();
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", address);
        using var http = new HttpClient { BaseAddress = new Uri($"http://{address}/") };

        using var read = await http.GetAsync(new Uri("/status", UriKind.Relative));
        using var content = new ByteArrayContent(XmlRpc.WriteCall(new XmlRpcCall(RpcMethod.GetHeader, [XmlRpcValue.Nothing])));
        using var call = await http.PostAsync(new Uri("/", UriKind.Relative), content);
        using var messagePack = new System.Net.Sockets.TcpClient();
        await messagePack.ConnectAsync(System.Net.IPEndPoint.Parse(address));
        await messagePack.GetStream().WriteAsync(new byte[] { 0x94, 0, 1, 0xa0, 0x90, (byte)'\n' });
        using var refusal = new StreamReader(messagePack.GetStream());

        Assert.Equal(System.Net.HttpStatusCode.OK, read.StatusCode);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, call.StatusCode);
        Assert.Equal("HTTP/1.1 400 Bad Request", await refusal.ReadLineAsync().WaitAsync(AgentProcess.Deadline));
    }

    [Fact]
    public async Task Document_is_compressed_for_a_reader_that_accepts_it()
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/status");
        request.Headers.AcceptEncoding.ParseAdd("gzip");

        using var response = await agent.Http.SendAsync(request);
        await using var unzipped = new GZipStream(await response.Content.ReadAsStreamAsync(), CompressionMode.Decompress);

        Assert.Equal(["gzip"], response.Content.Headers.ContentEncoding);
        Assert.NotNull((await JsonNode.ParseAsync(unzipped))!["host_uuid"]);
    }

    private static async Task<int> PluginPidAsync(AgentProcess agent, Func<int, bool> isWanted)
    {
        var status = await agent.UntilAsync("/status", s => Pid(s) is { } pid && isWanted(pid));
        return Pid(status)!.Value;

        static int? Pid(JsonNode status) => (int?)AgentProcess.Page(status, "collector-host")?["peer"]?["pid"];
    }

    private static bool IsRunning(int pid) => Directory.Exists($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}");

    private static double Number(string? text) => double.Parse(text!, CultureInfo.InvariantCulture);

    private static string? Newest(JsonNode updates, string name) =>
        Column(updates, name) is { } column ? (string?)updates["data"]!.AsArray().FirstOrDefault()?["values"]![column] : null;

    private static IEnumerable<long> KnownTimes(JsonNode updates, string name)
    {
        int column = Column(updates, name)!.Value;
        return updates["data"]!.AsArray()
            .Where(r => (string?)r!["values"]![column] != "NaN")
            .Select(r => long.Parse((string)r!["t"]!, CultureInfo.InvariantCulture));
    }

    private static int? Column(JsonNode updates, string name)
    {
        var legend = updates["meta"]!["legend"]!.AsArray().Select(e => (string)e!).ToList();
        int column = legend.FindIndex(e => e.EndsWith(":" + name, StringComparison.Ordinal));
        return column < 0 ? null : column;
    }
}
