using System.Diagnostics;
using CollectorAgent.Native;
using CollectorAgent.TestKit;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>What another user of the host can do to an agent of root: hold its lock, or take pages of others from it.</summary>
public sealed class OtherUserTests
{
    private const string Nobody = "--reuid=65534 --clear-groups";

    [RootFact]
    public async Task Lock_cannot_be_held_by_another_user()
    {
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        string[] options = ["--listen", "none", "--plugins", Directory.CreateDirectory(folder.Folder("none")).FullName];
        string path = Path.Combine(folder.Path, "var/lib/collector-agent/lock");
        // As an agent of before left it.
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, "");
        File.SetUnixFileMode(path, (UnixFileMode)0b110_100_100);
        using var holder = Process.Start("setpriv", $"{Nobody} --regid=65534 flock -x {path} sleep 60");
        await TestKit.Wait.UntilAsync(IsHeld, () => "the lock to be held");

        using (var agent = await AgentProcess.StartAsync(folder.Path, options))
        {
            Assert.Equal(0, await agent.EndAsync("TERM"));
        }
        using var other = Process.Start("setpriv", $"{Nobody} --regid=65534 flock -x {path} true");
        await other.WaitForExitAsync();
        Assert.NotEqual(0, other.ExitCode);
        holder.Kill(entireProcessTree: true);

        bool IsHeld()
        {
            using var file = PosixFile.OpenForReading(path);
            return !PosixFile.TryLock(file, isShared: false);
        }
    }

    [RootFact]
    public async Task Page_of_root_stays_whatever_a_member_of_the_group_does()
    {
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0b111_101_101);
        using var agent = await AgentProcess.StartAsync(folder.Path, "--listen", "none", "--plugins", folder.Folder("none"));
        string page = agent.Paths.Page("rootpage");
        var now = TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch;
        await File.WriteAllBytesAsync(page, Protocol.PageWriter.Version2(now.TotalSeconds, [new Protocol.ReportedSource("x")], [0]));
        await agent.UntilAsync("/status", s => AgentProcess.Page(s, "rootpage") is not null);

        string answers = await RunAsMemberAsync(agent.Paths.Socket, """
            say("Plugin.Local.deregister", {"uid": "rootpage"})
            say("Plugin.deregister", {"uid": "rootpage"})
            say("Plugin.Local.register", {"uid": "rootpage", "info": "Five_Seconds", "protocol": "V2"})
            for uid in ("rootpage", "collector-agent", "x.tmp", "tap-1", "mine"):
                print(session(uid))
            """);

        string[] lines = answers.TrimEnd().Split('\n');
        Assert.Equal(8, lines.Length);
        Assert.All(lines[..3], l => Assert.Contains("the page rootpage belongs to user 0", l, StringComparison.Ordinal));
        Assert.All(lines[3..7], l => Assert.Contains("Rrdd_internal_error", l, StringComparison.Ordinal));
        Assert.Contains("next_reading_seconds", lines[7], StringComparison.Ordinal);
        Assert.NotNull(AgentProcess.Page(await agent.UntilAsync("/status", _ => true), "rootpage"));
        Assert.Equal("Success", (await Toolstack.CallAsync(agent, "Plugin.Local.deregister", "uid=rootpage")).Status);
        await agent.UntilAsync("/status", s => AgentProcess.Page(s, "rootpage") is null);
    }

    private static async Task<string> RunAsMemberAsync(string socket, string calls)
    {
        // As the fixture does it, whose file other users need not be able to read.
        string fixture = await File.ReadAllTextAsync(Fixtures.Path("toolstack.py"));
        string program = fixture.Replace("\nmain()\n", "\n", StringComparison.Ordinal) + $$"""

            import struct
            SOCKET = {{$"\"{socket}\""}}

            def say(method, named):
                body = xmlrpc.client.dumps((named,), method, allow_none=True)
                connection = Connection(SOCKET)
                connection.request("POST", "/", body)
                (answer,), _ = xmlrpc.client.loads(connection.getresponse().read())
                print(answer)

            def text(value):
                return bytes([0xa0 + len(value)]) + value.encode()

            def session(uid):
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
                    s.settimeout(20)
                    s.connect(SOCKET)
                    s.sendall(b"\x94\x00\x01" + text("hello") + b"\x91\x82" + text("protocol") + b"\x01" + text("client") + text("t"))
                    s.recv(4096)
                    s.sendall(b"\x94\x00\x02" + text("register") + b"\x91\x81" + text("uid") + text(uid))
                    return s.recv(4096)

            {{calls}}
            """.Replace("\n            ", "\n", StringComparison.Ordinal);
        uint group = PosixUser.FindGroup("rrdmetrics") ?? throw new InvalidOperationException("tests/run makes the group rrdmetrics");
        var start = new ProcessStartInfo("setpriv", [.. Nobody.Split(' '), $"--regid={group}", "/usr/bin/python3", "-c", program])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var python = Process.Start(start)!;
        var errors = python.StandardError.ReadToEndAsync();
        string output = await python.StandardOutput.ReadToEndAsync().WaitAsync(AgentProcess.Deadline);
        Assert.Equal("", await errors);
        return output;
    }
}
