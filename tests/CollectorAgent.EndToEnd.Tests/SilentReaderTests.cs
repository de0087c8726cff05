using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Readers that ask for much and read nothing of it.</summary>
public sealed class SilentReaderTests
{
    private const int Sources = 2_000;
    private const int Readers = 120;
    private const string Dear = "/rrd_updates?start=0&host=true";

    // What all documents may take is 24 MiB; a runtime that is busy takes some of its own.
    private const long MaxGrowth = 64 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Silent_readers_share_a_budget_are_dropped_and_keep_nobody_waiting()
    {
        using var folder = new TemporaryFolder();
        string none = Directory.CreateDirectory(Path.Combine(folder.Path, "none")).FullName;
        var address = new IPEndPoint(IPAddress.Loopback, FreePort());
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", address.ToString(), "--plugins", none);
        await File.WriteAllBytesAsync(agent.Paths.Page("large"), Page());
        await agent.UntilAsync("/status", s => s["owners"]!.AsArray() is [var owner] && (int)owner!["data_sources"]! == Sources);
        // What is compiled on the way is not to count as theirs.
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(agent));
        long before = Process.GetProcessById(agent.Pid).WorkingSet64;

        var sockets = Enumerable.Range(0, Readers).Select(_ => Ask(address)).ToList();
        try
        {
            await agent.UntilAsync("/status", s => (int)s["readers"]!["documents"]! > 1);
            long asked = TimeProvider.System.GetTimestamp();
            var crowded = await agent.UntilAsync("/status", _ => true);
            Assert.InRange(TimeProvider.System.GetElapsedTime(asked), TimeSpan.Zero, Patience);
            Assert.InRange((long)crowded["readers"]!["bytes"]!, 1, 24 << 20);

            // Some wait in vain, the others are dropped as they do not read.
            var later = await agent.UntilAsync("/status", s => (int)s["readers"]!["documents"]! == 0 && (int)s["readers"]!["waiting"]! == 0);
            Assert.InRange((int)later["readers"]!["refused"]!, 1, Readers);
            Assert.InRange((int)later["readers"]!["dropped"]!, 1, Readers);
            // A host that is busy may cost one.
            Assert.InRange((int)later["missed_ticks"]!, 0, 1);
            Assert.InRange(Process.GetProcessById(agent.Pid).WorkingSet64 - before, long.MinValue, MaxGrowth);
        }
        finally
        {
            sockets.ForEach(s => s.Dispose());
        }
        Assert.Equal(HttpStatusCode.OK, await ReadAsync(agent));
        Assert.DoesNotContain("unhandled", agent.Log, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Reader_that_is_gone_costs_nothing_from_that_moment()
    {
        using var folder = new TemporaryFolder();
        string none = Directory.CreateDirectory(Path.Combine(folder.Path, "none")).FullName;
        var address = new IPEndPoint(IPAddress.Loopback, FreePort());
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", address.ToString(), "--plugins", none);
        await File.WriteAllBytesAsync(agent.Paths.Page("large"), Page());
        await agent.UntilAsync("/status", s => s["owners"]!.AsArray() is [var owner] && (int)owner!["data_sources"]! == Sources);
        var sockets = Enumerable.Range(0, Readers).Select(_ => Ask(address)).ToList();
        await agent.UntilAsync("/status", s => (int)s["readers"]!["waiting"]! > 0);

        sockets.ForEach(s => s.Dispose());

        // Neither those that had their share nor those that waited are refused or dropped: they are forgotten.
        var status = await agent.UntilAsync("/status", s => (int)s["readers"]!["documents"]! == 0 && (int)s["readers"]!["waiting"]! == 0);
        Assert.Equal(0, (int)status["readers"]!["refused"]!);
        Assert.Equal(0, (int)status["readers"]!["dropped"]!);
        Assert.DoesNotContain("unhandled", agent.Log, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<HttpStatusCode> ReadAsync(AgentProcess agent)
    {
        using var response = await agent.Http.GetAsync(new Uri(Dear, UriKind.Relative));
        string text = await response.Content.ReadAsStringAsync();
        Assert.EndsWith("</xport>", text, StringComparison.Ordinal);
        return response.StatusCode;
    }

    private static Socket Ask(IPEndPoint address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        socket.Connect(address);
        socket.Send(Encoding.ASCII.GetBytes($"GET {Dear} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        return socket;
    }

    private static byte[] Page() => PageWriter.Version2(
        TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(),
        [.. Enumerable.Range(0, Sources).Select(i => new ReportedSource($"source_{i}") { IsDefault = true, Type = ReportedType.Gauge })],
        new long[Sources]);

    private static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
