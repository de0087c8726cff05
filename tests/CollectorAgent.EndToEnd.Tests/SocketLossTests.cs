using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>The files by which an agent is found are removed while it runs.</summary>
public sealed class SocketLossTests
{
    [Theory]
    [InlineData("rm {socket}")]
    [InlineData("rm {forwarded}")]
    [InlineData("rm {alias}")]
    [InlineData("rm -r {folder}")]
    [InlineData("rm {socket}; touch {socket}")]
    [InlineData("rm {socket}; mkfifo {socket}")]
    public async Task Socket_that_was_removed_or_replaced_is_listened_on_anew(string command)
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", folder.Folder("none"));
        await agent.UntilAsync("/status", _ => true);
        string[] before = [Mode(agent.Paths.Socket), Mode(agent.Paths.ForwardedSocket)];

        Run(command
            .Replace("{socket}", agent.Paths.Socket, StringComparison.Ordinal)
            .Replace("{forwarded}", agent.Paths.ForwardedSocket, StringComparison.Ordinal)
            .Replace("{alias}", agent.Paths.SocketAlias, StringComparison.Ordinal)
            .Replace("{folder}", Path.GetDirectoryName(agent.Paths.Socket), StringComparison.Ordinal));

        await TestKit.Wait.UntilAsync(
            () => IsSocket(agent.Paths.Socket) && IsSocket(agent.Paths.ForwardedSocket) && IsSocket(agent.Paths.SocketAlias), () => "the sockets to be back");
        Assert.Equal("Success", (await Toolstack.CallAsync(agent, RpcMethod.LocalDeregister, "uid=none")).Status);
        Assert.Equal(string.Join(", ", before), string.Join(", ", Mode(agent.Paths.Socket), Mode(agent.Paths.ForwardedSocket)));
        if (!command.Contains("alias", StringComparison.Ordinal))
        {
            await agent.LogsAsync("listens there anew");
        }
        Assert.Equal(0, await agent.EndAsync("TERM"));
        Assert.False(IsSocket(agent.Paths.Socket));
    }

    [Fact]
    public async Task Socket_that_another_daemon_has_taken_keeps_no_other_from_being_made_anew()
    {
        using var folder = new TemporaryFolder();
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", folder.Folder("none"));
        using var other = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);

        other.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(agent.Paths.Socket + "-other"));
        other.Listen();
        Run($"mv {agent.Paths.Socket}-other {agent.Paths.Socket}; rm {agent.Paths.ForwardedSocket} {agent.Paths.SocketAlias}");

        await TestKit.Wait.UntilAsync(
            () => IsSocket(agent.Paths.ForwardedSocket) && IsSocket(agent.Paths.SocketAlias), () => "the other two to be back");
        await agent.LogsAsync($"{agent.Paths.Socket} is gone and cannot be made anew");
        Assert.Equal(0, await agent.EndAsync("TERM"));
    }

    [Fact]
    public async Task Second_agent_is_refused_where_the_socket_and_the_lock_file_are_removed()
    {
        using var folder = new TemporaryFolder();
        string[] options = ["--listen", "none", "--plugins", folder.Folder("none")];
        using var agent = await AgentProcess.StartAsync(folder.Path, options);

        File.Delete(agent.Paths.Socket);
        File.Delete(Path.Combine(agent.Paths.Store, "lock"));
        var (code, errors) = await AgentProcess.RunToEndAsync(["--root", folder.Path, .. options]);

        Assert.Equal(1, code);
        Assert.Contains("Another agent works in", errors, StringComparison.Ordinal);
        await agent.LogsAsync("taking it anew");
        await agent.UntilAsync("/status", _ => File.Exists(Path.Combine(agent.Paths.Store, "lock")));
        Assert.Equal(0, await agent.EndAsync("TERM"));
    }

    private static void Run(string command)
    {
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", command]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }

    private static string Mode(string path) => File.GetUnixFileMode(path).ToString();

    private static bool IsSocket(string path)
    {
        using var test = System.Diagnostics.Process.Start("test", ["-S", path]);
        test.WaitForExit();
        return test.ExitCode == 0;
    }
}
