using System.Net.Sockets;
using CollectorAgent.Protocol;
using Microsoft.AspNetCore.Http;

namespace CollectorAgent.Cli.Tests;

public sealed class ExitCodeTests : AgentTests
{
    [Fact]
    public async Task Missing_socket_is_1_and_the_error_names_it_and_how_to_start_an_agent()
    {
        var result = await CollectorCtl.RunAsync("status", "--root", Agent.Root + "/nowhere");

        Assert.Equal(1, result.Code);
        Assert.Equal(
            $"collectorctl: There is no agent: the socket {Agent.Root}/nowhere/var/lib/xcp/xcp-rrdd does not exist. "
            + $"Start one with 'collector-agent --root {Agent.Root}/nowhere', or say with --root or --url where one is.\n",
            result.Errors);
        Assert.Equal("", result.Output);
    }

    [Fact]
    public async Task Socket_that_nobody_listens_on_is_1()
    {
        var paths = new AgentPaths(Path.Combine(Agent.Root, "left"));
        Directory.CreateDirectory(Path.GetDirectoryName(paths.Socket)!);
        using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            socket.Bind(new UnixDomainSocketEndPoint(paths.Socket));

            var result = await CollectorCtl.RunAsync("top", "--root", paths.Root);

            Assert.Equal(1, result.Code);
            Assert.StartsWith($"collectorctl: No agent listens on the socket {paths.Socket}.", result.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Address_that_nobody_listens_on_is_1()
    {
        var result = await CollectorCtl.RunAsync("status", "--url", "http://127.0.0.1:1");

        Assert.Equal(1, result.Code);
        Assert.StartsWith("collectorctl: No agent answers at http://127.0.0.1:1: ", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public void Forbidden_socket_says_so()
    {
        using var agent = AgentConnection.Create("/r", null, TimeProvider.System);

        Assert.Equal(
            "Not permitted to use the socket /r/var/lib/xcp/xcp-rrdd: run collectorctl as the user of the agent, mostly root.",
            agent.Unreachable(SocketError.AccessDenied, ""));
    }

    [Theory]
    [InlineData]
    [InlineData("dance")]
    [InlineData("query")]
    [InlineData("query", "a", "--start", "soon")]
    [InlineData("query", "a", "--interval", "-1")]
    [InlineData("query", "a", "--cf", "MEDIAN")]
    [InlineData("query", "a", "--owner", "vm")]
    [InlineData("top", "--count", "0")]
    [InlineData("top", "--owner", "pool")]
    [InlineData("dump", "all")]
    [InlineData("dump", "vm")]
    [InlineData("dump", "--json", "--rrdtool")]
    [InlineData("csv", "AVERAGE:host")]
    [InlineData("csv", "MEDIAN:host::a")]
    [InlineData("status", "--url", "no-address")]
    [InlineData("status", "--url", "http://127.0.0.1:1", "--root", "/")]
    public async Task Wrong_usage_is_2_and_nothing_reaches_the_output(params string[] arguments)
    {
        var result = await CollectorCtl.RunAsync(arguments);

        Assert.Equal(2, result.Code);
        Assert.StartsWith("collectorctl: ", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
        Assert.Equal("", result.Output);
    }

    [Theory]
    [InlineData("There is no data source 'cpu_svg'. Near to it: cpu_avg.", "query", "cpu_svg")]
    [InlineData("There is no AVERAGE of 'cpu_avg' of vm 0a7e3d2c-5b1f-4a52-9a86-0c2f6d1b7e11 at this spacing of rows. The agent has it of host; try another --cf, --interval or --owner.", "query", "cpu_avg", "--owner", "vm", CannedAgent.VmUuid)]
    [InlineData("There is no MIN of 'cpu_avg' at this spacing of rows. The agent has it of host; try another --cf, --interval or --owner.", "query", "cpu_avg", "--cf", "min", "--interval", "90000")]
    [InlineData("The agent keeps no RRD of sr elsewhere. 'collectorctl status' lists the owners.", "dump", "sr", "elsewhere")]
    [InlineData("No data source has 'cpu_svg' in its name. Near to it: cpu_avg.", "top", "cpu_svg")]
    [InlineData("The agent records nothing of vm elsewhere. 'collectorctl status' lists the owners.", "top", "--owner", "vm", "elsewhere")]
    [InlineData("No data source fits ':vm::cpu_'. Near to it: cpu0, cpu_avg.", "csv", ":vm::cpu_")]
    public async Task Nothing_of_that_name_is_3(string error, params string[] arguments)
    {
        var result = await RunAsync(arguments);

        Assert.Equal(3, result.Code);
        Assert.Equal($"collectorctl: {error}\n", result.Errors);
        Assert.Equal("", result.Output);
    }

    [Theory]
    [InlineData("/status", "<html>", "status")]
    [InlineData("/status", "null", "status")]
    [InlineData("/status", "{\"ticks\": \"many\"}", "plugins")]
    [InlineData("/status", "{}", "plugins", "--json")]
    [InlineData("/rrd_updates", "[]", "top")]
    [InlineData("/rrd_updates", "{\"meta\":{\"step\":\"5\",\"end\":\"5\",\"legend\":[\"AVERAGE:host:h:a\"]},\"data\":[{\"t\":\"5\",\"values\":[]}]}", "csv")]
    [InlineData("/rrd_updates", "{\"meta\":{\"step\":\"5\",\"end\":\"5\",\"legend\":[\"AVERAGE:host:h:a\"]},\"data\":[{\"t\":\"5\",\"values\":[\"x\"]}]}", "csv")]
    [InlineData("/rrd_updates", "{\"meta\":{\"step\":\"5\",\"end\":\"5\",\"legend\":[\"a\"]},\"data\":[]}", "csv")]
    [InlineData("/rrd_updates", "{\"meta\":{\"step\":\"5\",\"end\":\"999999999999999\",\"legend\":[]},\"data\":[]}", "csv")]
    [InlineData("/rrd_updates", "{\"meta\":{\"step\":5,\"end\":5,\"legend\":[\"AVERAGE:host:h:a\"]},\"data\":[{\"t\":5,\"values\":[1]},{\"t\":5,\"values\":[1]}]}", "query", "a")]
    [InlineData("/rrd_updates", "{\"meta\":{\"step\":5,\"end\":-9223372036854775808,\"legend\":[]},\"data\":[]}", "csv")]
    [InlineData("/status", "{\"owners\":[null]}", "status")]
    [InlineData("/status", "{\"plugins\":[null]}", "plugins")]
    [InlineData("/status", "{\"plugins\":[{\"left_out\":[null]}],\"processes\":[{\"name\":\"a\",\"state\":\"running\",\"pages\":[\"\"]}]}", "plugins")]
    [InlineData("/capabilities", "[null]", "capabilities")]
    [InlineData("/host_rrd", "<html></html>", "dump", "--rrdtool")]
    [InlineData("/host_rrd", "<rrd><step>5</step>", "dump", "--rrdtool")]
    [InlineData("/host_rrd", "<rrd><ds><name>a</name></ds><rra><cf>", "dump", "--rrdtool")]
    [InlineData("/host_rrd", "<rrd><ds><name>a</name></ds><ds><name>a</name></ds></rrd>", "dump", "--rrdtool")]
    public async Task Answer_that_cannot_be_understood_is_4(string path, string answer, params string[] arguments)
    {
        Agent.AnswerWith(path, answer);

        var result = await RunAsync(arguments);

        Assert.Equal(4, result.Code);
        Assert.StartsWith($"collectorctl: The answer of the socket {Agent.Root}/var/lib/xcp/xcp-rrdd to {path}", result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Refusal_is_4_with_the_sentence_of_the_agent()
    {
        Agent.AnswerWith("/rrd_updates", "Too much\u001b[2J was asked for.\nmore", 500);

        var result = await RunAsync("csv");

        Assert.Equal(4, result.Code);
        Assert.EndsWith("with 500: Too much?[2J was asked for.\n", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_that_breaks_off_is_4()
    {
        Agent.Answers["/host_rrd"] = async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("<rrd>");
        };

        var result = await RunAsync("dump");

        Assert.Equal(4, result.Code);
        Assert.Matches("^collectorctl: The answer of .* to /host_rrd broke off: .*Is the agent still running\\?\n$", result.Errors);
    }

    [Fact]
    public async Task Connection_that_ends_without_an_answer_is_4()
    {
        Agent.Answers["/status"] = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };

        var result = await RunAsync("status");

        Assert.Equal(4, result.Code);
        Assert.Contains("to /status cannot be read: ", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Full_disk_is_5()
    {
        var result = await CollectorCtl.ShellAsync($"$CTL dump --root {Agent.Root} >/dev/full");

        Assert.Equal(5, result.Code);
        Assert.StartsWith("collectorctl: The output cannot be written: No space left", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interrupted_dump_is_130()
    {
        var asked = new TaskCompletionSource();
        Agent.Answers["/host_rrd"] = async context =>
        {
            await context.Response.WriteAsync("<rrd>\n");
            await context.Response.Body.FlushAsync();
            asked.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        };

        var result = await CollectorCtl.InterruptAsync(1, asked.Task, "dump", "--root", Agent.Root);

        Assert.Equal(130, result.Code);
        Assert.Equal("", result.Errors);
    }

    [Theory]
    [InlineData("top")]
    [InlineData("csv", "--follow")]
    public async Task Interrupted_view_that_goes_on_is_0(params string[] arguments)
    {
        var result = await CollectorCtl.InterruptAsync(3, Task.CompletedTask, [.. arguments, "--root", Agent.Root]);

        Assert.Equal(0, result.Code);
        Assert.Equal("", result.Errors);
    }

    [Theory]
    [InlineData("csv --follow")]
    [InlineData("top")]
    [InlineData("dump")]
    public async Task Reader_that_has_enough_ends_it_quietly(string arguments)
    {
        for (int i = 0; i < 20; i++)
        {
            Agent.StepsPerReading.Enqueue(1);
        }

        var result = await CollectorCtl.ShellAsync($"{{ $CTL {arguments} --root {Agent.Root}; echo code $? >&2; }} | head -c 20");

        Assert.Equal(20, result.Output.Length);
        Assert.Equal("code 0\n", result.Errors);
    }

    [Fact]
    public async Task Output_in_one_file_with_that_of_others_is_not_written_over()
    {
        string file = Path.Combine(Agent.Root, "file");

        await CollectorCtl.ShellAsync($"{{ echo before; $CTL query cpu0 --root {Agent.Root} --start -5; echo after; }} >{file}");

        string[] lines = await File.ReadAllLinesAsync(file);
        Assert.Equal(("before", "after", 5), (lines[0], lines[^1], lines.Length));
    }
}
