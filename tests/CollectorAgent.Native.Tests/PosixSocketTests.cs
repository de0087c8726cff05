using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace CollectorAgent.Native.Tests;

/// <summary>Descriptors that another program passes. Alone, because one test takes all descriptors that the process may have.</summary>
[Collection(nameof(Alone))]
public sealed class PosixSocketTests : IDisposable
{
    /// <summary>Passes what its arguments name, with a byte for each time a line comes.</summary>
    private const string Sender = """
        import socket, sys
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(sys.argv[1])
        passed = [open(name, "rb") for name in sys.argv[2:]]
        for line in sys.stdin:
            socket.send_fds(peer, [b"x"], [p.fileno() for p in passed])
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-native-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task First_descriptor_comes_with_the_bytes_and_what_is_not_there_yet_is_not_waited_for()
    {
        string first = Path.Combine(_folder.FullName, "first");
        await File.WriteAllTextAsync(first, "this one");
        using var sender = Send(out var socket, first, "/dev/null");
        using (socket)
        {
            Assert.Equal(-1, PosixSocket.Receive(socket.SafeHandle, new byte[9], out var none));
            Assert.Null(none);
            Assert.Equal(PosixProcess.UserId, PosixSocket.Peer(socket.SafeHandle).UserId);

            await sender.StandardInput.WriteLineAsync();
            sender.StandardInput.Close();
            await socket.ReceiveAsync(Memory<byte>.Empty);

            Assert.Equal(1, PosixSocket.Receive(socket.SafeHandle, new byte[9], out var passed));
            using (passed)
            {
                byte[] text = new byte[99];
                Assert.Equal("this one", Encoding.ASCII.GetString(text, 0, RandomAccess.Read(passed!, text, 0)));
                Assert.Null(PosixSocket.TakeStream(passed!));
                Assert.False(passed!.IsClosed);
            }
            await sender.WaitForExitAsync();
            Assert.Equal(0, PosixSocket.Receive(socket.SafeHandle, new byte[9], out _));
        }
    }

    [Fact]
    public async Task Descriptor_that_there_is_no_room_for_is_said_to_be_lost()
    {
        using var sender = Send(out var socket, "/dev/null");
        using (socket)
        {
            // Once with room, so that nothing has to be loaded when there is none.
            await sender.StandardInput.WriteLineAsync();
            await socket.ReceiveAsync(Memory<byte>.Empty);
            PosixSocket.Receive(socket.SafeHandle, new byte[9], out var passed);
            passed!.Dispose();
            _ = new PosixException("recvmsg", PosixException.TooManyOpenFiles);
            await sender.StandardInput.WriteLineAsync();
            await socket.ReceiveAsync(Memory<byte>.Empty);

            string usual = Limit(null);
            Limit((Directory.EnumerateFileSystemEntries("/proc/self/fd").Max(f => int.Parse(Path.GetFileName(f), CultureInfo.InvariantCulture)) + 8)
                .ToString(CultureInfo.InvariantCulture));
            var taken = new List<FileStream>();
            PosixException? lost = null;
            try
            {
                while (lost is null && taken.Count < 10_000)
                {
                    taken.Add(File.OpenRead("/dev/null"));
                }
            }
            catch (IOException)
            {
                lost = Record.Exception(() => PosixSocket.Receive(socket.SafeHandle, new byte[9], out _)) as PosixException;
            }
            finally
            {
                taken.ForEach(t => t.Dispose());
                Limit(usual);
            }

            Assert.Equal(PosixException.TooManyOpenFiles, lost?.Errno);
        }
    }

    /// <summary>How many descriptors this process may have.</summary>
    private static string Limit(string? soft)
    {
        string pid = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        string[] arguments = soft is null ? ["--nofile", "--raw", "--noheadings", "--output", "SOFT"] : [$"--nofile={soft}:"];
        using var prlimit = Process.Start(new ProcessStartInfo("prlimit", ["--pid", pid, .. arguments]) { RedirectStandardOutput = true })!;
        string output = prlimit.StandardOutput.ReadToEnd().Trim();
        prlimit.WaitForExit();
        Assert.Equal(0, prlimit.ExitCode);
        return output;
    }

    private Process Send(out Socket socket, params string[] files)
    {
        string path = Path.Combine(_folder.FullName, "socket");
        using var listening = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listening.Bind(new UnixDomainSocketEndPoint(path));
        listening.Listen();
        var sender = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Sender, path, .. files]) { RedirectStandardInput = true })!;
        socket = listening.Accept();
        return sender;
    }
}
