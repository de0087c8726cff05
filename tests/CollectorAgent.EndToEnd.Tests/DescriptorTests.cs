using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>More connections than the process can have: readers are refused, plugins are heard, recording goes on.</summary>
public sealed class DescriptorTests
{
    [Theory]
    [InlineData(512, 60, 400)]
    [InlineData(4096, 200, 4100)]
    public async Task Idle_connections_take_nothing_from_recording(int limit, int pages, int connections)
    {
        using var folder = new TemporaryFolder();
        string[] addresses = [Free(), Free()];
        using var agent = await AgentProcess.StartUnreadAsync(
            folder.Path, $"ulimit -n {limit}", "--listen", addresses[0], "--listen", addresses[1], "--plugins", folder.Folder("none"));
        agent.ReadLog();
        WritePages(agent, pages);
        await agent.UntilAsync("/status", s => Pages(s).Count(p => p["last_sample"] is not null) == pages);

        var clients = new List<Socket>();
        try
        {
            for (int i = 0; i < connections; i++)
            {
                clients.Add(await ConnectAsync(addresses[i % 2]));
            }
            var full = await agent.UntilAsync("/status", s => (long)s["connections"]!["refused"]! > 0);
            long ticks = (long)full["ticks"]!;
            WritePages(agent, pages);
            var later = await agent.UntilAsync("/status", s => (long)s["ticks"]! >= ticks + 2);

            // A host that is busy may cost one.
            Assert.InRange((long)later["missed_ticks"]!, 0, 1);
            Assert.Equal(pages, Pages(later).Count());
            var figures = later["connections"]!;
            Assert.InRange((long)figures["open"]!, 1, (long)figures["limit"]!);
            Assert.True((long)figures["tcp_limit"]! < (long)figures["limit"]!);
            Assert.InRange(OpenDescriptors(agent), 1, limit - 20);
            Assert.All(later["tasks"]!.AsArray(), t => Assert.Equal("", (string)t!["reason"]!));
            // A plugin that comes now is heard.
            Assert.Equal("Success", (await Toolstack.CallAsync(agent, RpcMethod.LocalDeregister, "uid=p0")).Status);
            Assert.Contains("connections were refused", agent.Log, StringComparison.Ordinal);
            Assert.InRange(agent.Log.Split('\n').Length, 1, 50 + (4 * pages));
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        // Whoever comes after them is served.
        using var http = new HttpClient();
        await agent.UntilAsync("/status", s => (long)s["connections"]!["open"]! <= 2);
        Assert.NotNull(JsonNode.Parse(await http.GetStringAsync(new Uri($"http://{addresses[0]}/status"))));
        Assert.Equal(0, await agent.EndAsync("TERM"));
    }

    [RootFact]
    public async Task Idle_connections_of_one_user_leave_room_for_others_on_the_socket()
    {
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        using var agent = await AgentProcess.StartUnreadAsync(
            folder.Path, "ulimit -n 1024", "--listen", "none", "--plugins", folder.Folder("none"));
        agent.ReadLog();
        // As the group's members can.
        File.SetUnixFileMode(agent.Paths.Socket, (UnixFileMode)0b110_110_110);

        using var one = Hold(agent, 65534, 400);
        Assert.Equal("24", await one.StandardOutput.ReadLineAsync());
        using var another = Hold(agent, 65533, 20);
        Assert.Equal("20", await another.StandardOutput.ReadLineAsync());
        Assert.Equal("Success", (await Toolstack.CallAsync(agent, RpcMethod.LocalDeregister, "uid=none")).Status);
        await agent.LogsAsync("user 65534 has 24 open on the socket, and that is the limit for one user");

        one.StandardInput.Close();
        await one.WaitForExitAsync();
        await agent.UntilAsync("/status", s => (long)s["connections"]!["open"]! <= 22);
        using var again = Hold(agent, 65534, 24);
        Assert.Equal("24", await again.StandardOutput.ReadLineAsync());
        another.StandardInput.Close();
        again.StandardInput.Close();
        await Task.WhenAll(another.WaitForExitAsync(), again.WaitForExitAsync());
    }

    /// <summary>A process of a user that opens idle connections one after the other, says how many of them were not closed at once, and
    /// holds them until its input ends.</summary>
    private static Process Hold(AgentProcess agent, int user, int count) => Process.Start(
        new ProcessStartInfo("setpriv", [$"--reuid={user}", $"--regid={user}", "--clear-groups", "/usr/bin/python3", "-c", """
            import socket, sys
            held = []
            for _ in range(int(sys.argv[2])):
                s = socket.socket(socket.AF_UNIX)
                s.settimeout(20)
                s.connect(sys.argv[1])
                held.append(s)
            open_ones = 0
            for s in held:
                try:
                    s.sendall(b"GET /capabilities HTTP/1.1\r\n\r\n")
                    open_ones += s.recv(65536).startswith(b"HTTP/1.1 200")
                except OSError:
                    pass
            print(open_ones, flush=True)
            sys.stdin.read()
            """, agent.Paths.Socket, $"{count}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;

    private static IEnumerable<JsonNode> Pages(JsonNode status) =>
        status["plugins"]!.AsArray().Where(p => (string?)p!["uid"] != PluginUid.OfAgent)!;

    private static int OpenDescriptors(AgentProcess agent) => Directory.EnumerateFileSystemEntries($"/proc/{agent.Pid}/fd").Count();

    private static void WritePages(AgentProcess agent, int count)
    {
        double now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        for (int i = 0; i < count; i++)
        {
            // In place, as most plugins do.
            using var page = new FileStream(agent.Paths.Page($"p{i}"), FileMode.OpenOrCreate, FileAccess.Write);
            page.Write(PageWriter.Version2(now, [new ReportedSource($"x{i}")], [0]));
        }
    }

    private static string Free()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return probe.LocalEndpoint.ToString()!;
    }

    private static async Task<Socket> ConnectAsync(string address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPEndPoint.Parse(address));
        }
        catch (SocketException)
        {
            // Refused so soon.
        }
        return socket;
    }
}
