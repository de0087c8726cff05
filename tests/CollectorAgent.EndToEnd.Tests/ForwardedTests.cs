using System.Diagnostics;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>Clients of a toolstack's front, which hands them over to a real agent.</summary>
public sealed class ForwardedTests(ForwardedAgent shared) : IClassFixture<ForwardedAgent>
{
    [Theory]
    [InlineData("/rrd_updates?start=-600&host=true")]
    [InlineData("/rrd_updates?start=-600&host=true&vm_uuid=a%20b&vm_uuid=none&sr_uuid=all", "-H", "Accept: text/xml")]
    [InlineData("/rrd_updates?start=-600&host=true&json", "-H", "Accept:")]
    [InlineData("/host_rrds", "--compressed")]
    [InlineData("/host_rrd", "--http1.0")]
    [InlineData("/host_rrd", "-H", "Accept-Encoding: gzip")]
    [InlineData("/host_rrd", "--head", "-H", "Accept-Encoding: gzip")]
    [InlineData("/vm_rrd?uuid=00000000-0000-0000-0000-000000000000", "-i")]
    [InlineData("/vm_rrd", "-i")]
    [InlineData("/rrd_updates", "-i")]
    [InlineData("/no_such_thing", "-i")]
    [InlineData("/host_rrd", "-i", "-X", "DELETE")]
    public async Task Client_gets_what_a_reader_of_the_agents_own_socket_gets(string path, params string[] options)
    {
        using var deadline = new CancellationTokenSource(AgentProcess.Deadline);
        string forwarded;
        string[] direct;
        do
        {
            Assert.False(deadline.IsCancellationRequested, "a tick came between each time");
            // With each tick there is more to get.
            direct = [await DirectAsync(path, options), ""];
            forwarded = await ForwardedAsync(path, options);
            direct[1] = await DirectAsync(path, options);
        }
        while (direct[0] != direct[1]);

        Assert.NotEmpty(forwarded);
        Assert.Equal(direct[0], forwarded);
    }

    [Fact]
    public async Task Client_that_accepts_gzip_gets_it()
    {
        string answer = await ForwardedAsync("/host_rrd", ["--head", "-H", "Accept-Encoding: gzip"]);

        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("Content-Encoding: gzip\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_that_has_the_document_gets_304()
    {
        using var deadline = new CancellationTokenSource(AgentProcess.Deadline);
        string status;
        do
        {
            Assert.False(deadline.IsCancellationRequested, "a tick came between each time");
            string head = await ForwardedAsync("/rrd_updates?start=-60", ["-i"]);
            string tag = head.Split('\n').Single(l => l.StartsWith("ETag: ", StringComparison.Ordinal))["ETag: ".Length..].Trim();
            status = (await ForwardedAsync("/rrd_updates?start=-60", ["-i", "-H", "If-None-Match: " + tag])).Split("\r\n")[0];
        }
        // A tick may come between the two.
        while (status == "HTTP/1.1 200 OK");

        Assert.Equal("HTTP/1.1 304 Not Modified", status);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/host_rrd")]
    public async Task Calls_are_refused(string path)
    {
        string call = System.Text.Encoding.UTF8.GetString(XmlRpc.WriteCall(new XmlRpcCall(RpcMethod.GetHeader, [XmlRpcValue.Nothing])));

        string answer = await ForwardedAsync(path, ["-i", "--data", call]);

        Assert.StartsWith("HTTP/1.1 403 Forbidden\r\n", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_descriptor_stays_behind()
    {
        await ForwardedAsync("/host_rrd", []);
        int before = Descriptors();
        string[] urls = [.. Enumerable.Repeat(shared.Front.Address + "/rrd_updates?start=-60&host=true", 200)];

        // One after another, each on a connection of its own.
        await RunAsync(["-H", "Connection: close", .. urls]);
        for (int i = 0; i < urls.Length; i++)
        {
            Assert.Equal("closed", await shared.Front.SeenAsync());
        }

        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var deadline = new CancellationTokenSource(AgentProcess.Deadline);
        while (Descriptors() > before)
        {
            // The agent opens and closes others meanwhile.
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    [Fact]
    public async Task Socket_is_gone_with_the_agent_and_one_that_was_left_over_is_in_nobodys_way()
    {
        using var folder = new TemporaryFolder();
        string socket = new AgentPaths(folder.Path).ForwardedSocket;
        using (var killed = await AgentProcess.StartAsync(folder.Path))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
            await killed.EndAsync("KILL");
        }
        Assert.True(File.Exists(socket));

        using (var next = await AgentProcess.StartAsync(folder.Path))
        {
            using var front = await FrontProcess.StartAsync(socket);
            Assert.StartsWith("HTTP/1.1 200 OK\r\n", await RunAsync(["-i", front.Address + "/status"]), StringComparison.Ordinal);
            Assert.Equal(0, await next.EndAsync("TERM"));
        }

        Assert.False(File.Exists(socket));
    }

    private int Descriptors() => Directory.EnumerateFileSystemEntries($"/proc/{shared.Agent.Pid}/fd").Count();

    /// <summary>Each ends only when the agent has closed the front's connection.</summary>
    private async Task<string> ForwardedAsync(string path, string[] options)
    {
        string output = await RunAsync([.. options, shared.Front.Address + path]);
        Assert.Equal("closed", await shared.Front.SeenAsync());
        return output;
    }

    private Task<string> DirectAsync(string path, string[] options) =>
        RunAsync(["--unix-socket", shared.Agent.Paths.Socket, "-H", "Connection: close", .. options, "http://localhost" + path]);

    /// <returns>What curl prints; a char is a byte.</returns>
    private static async Task<string> RunAsync(string[] arguments)
    {
        using var curl = Process.Start(new ProcessStartInfo("curl", ["--silent", "--show-error", .. arguments])
        {
            RedirectStandardOutput = true,
            StandardOutputEncoding = System.Text.Encoding.Latin1,
        })!;
        string output = await curl.StandardOutput.ReadToEndAsync().WaitAsync(AgentProcess.Deadline);
        await curl.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
        Assert.Equal(0, curl.ExitCode);
        // When it was asked differs.
        return string.Join("\r\n", output.Split("\r\n").Where(l => !l.StartsWith("Date: ", StringComparison.Ordinal)));
    }
}
