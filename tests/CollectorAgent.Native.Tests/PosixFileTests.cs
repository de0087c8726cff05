using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace CollectorAgent.Native.Tests;

/// <summary>Against the kernel that runs.</summary>
public sealed class PosixFileTests : IDisposable
{
    private const int PermissionDenied = 13;
    private const int TooManyLinks = 40;

    private readonly string _folder = Directory.CreateTempSubdirectory("ca-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Status_is_what_stat_says()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllBytes(file, new byte[12345]);
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, file);
        string fifo = Path.Combine(_folder, "fifo");
        Run("mkfifo", fifo);
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        string socketPath = Path.Combine(_folder, "socket");
        socket.Bind(new UnixDomainSocketEndPoint(socketPath));

        foreach (var (path, kind) in new[]
        {
            (file, FileKind.RegularFile), (_folder, FileKind.Folder), (link, FileKind.SymbolicLink), (fifo, FileKind.Other),
            (socketPath, FileKind.Other), ("/dev/null", FileKind.Other), ("/proc/self/status", FileKind.RegularFile), ("/", FileKind.Folder),
        })
        {
            var status = PosixFile.Status(path);
            string[] stat = Run("stat", "-c", "%i %Hd %Ld %u %s", path).Split(' ');

            Assert.Equal(kind, status.Kind);
            Assert.Equal(stat[4], status.SizeBytes.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(stat[3], status.UserId.ToString(CultureInfo.InvariantCulture));
            if (!path.StartsWith("/proc", StringComparison.Ordinal))
            {
                Assert.Equal(stat[0], status.Inode.ToString(CultureInfo.InvariantCulture));
                Assert.Equal($"{stat[1]} {stat[2]}", $"{status.Device >> 32} {status.Device & uint.MaxValue}");
            }
        }
    }

    [Fact]
    public void Status_of_an_open_file_is_that_of_its_name_and_stays_when_the_name_is_gone()
    {
        string path = Path.Combine(_folder, "file");
        File.WriteAllText(path, "hello");
        using var file = PosixFile.OpenForReading(path);
        var status = PosixFile.Status(file);

        Assert.Equal(PosixFile.Status(path), status);
        File.Delete(path);
        Assert.Equal(status, PosixFile.Status(file) with { ChangedNanoseconds = status.ChangedNanoseconds });
        Assert.NotEqual(default, status.Inode);
    }

    [Fact]
    public void Status_of_a_closed_file_is_refused()
    {
        var file = PosixFile.OpenForReading("/dev/null");
        file.Dispose();

        Assert.Throws<ObjectDisposedException>(() => PosixFile.Status(file));
    }

    [Fact]
    public void File_is_opened_for_reading()
    {
        string path = Path.Combine(_folder, "file ä");
        File.WriteAllText(path, "hello");
        using var file = PosixFile.OpenForReading(path);
        byte[] bytes = new byte[10];

        Assert.Equal(5, RandomAccess.Read(file, bytes, 0));
        Assert.Equal("hello"u8.ToArray(), bytes[..5]);
        Assert.Throws<UnauthorizedAccessException>(() => RandomAccess.Write(file, "x"u8, 0));
    }

    [Fact]
    public void Fifo_without_a_writer_does_not_make_one_wait()
    {
        string path = Path.Combine(_folder, "fifo");
        Run("mkfifo", path);
        using var file = PosixFile.OpenForReading(path);

        Assert.Equal(FileKind.Other, PosixFile.Status(file).Kind);
    }

    [Fact]
    public void Length_is_that_of_the_file()
    {
        string path = Path.Combine(_folder, "file");
        File.WriteAllBytes(path, new byte[12345]);
        using var file = PosixFile.OpenClaimed(path);
        string fifo = Path.Combine(_folder, "fifo");
        Run("mkfifo", fifo);
        using var stream = PosixFile.OpenForReading(fifo);

        Assert.Equal(12345, PosixFile.Length(file));
        Assert.StartsWith("lseek: ", Assert.Throws<PosixException>(() => PosixFile.Length(stream)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lock_is_shared_or_of_one_alone_until_the_file_is_closed()
    {
        string path = Path.Combine(_folder, "file");
        File.WriteAllText(path, "hello");
        using var third = PosixFile.OpenForReading(path);
        using (var first = PosixFile.OpenForReading(path))
        {
            using var second = PosixFile.OpenClaimed(path);

            Assert.True(PosixFile.TryLock(first, isShared: true));
            Assert.True(PosixFile.TryLock(second, isShared: true));
            Assert.False(PosixFile.TryLock(third, isShared: false));
        }
        Assert.True(PosixFile.TryLock(third, isShared: false));
        using var fourth = PosixFile.OpenForReading(path);
        Assert.False(PosixFile.TryLock(fourth, isShared: true));
    }

    [Fact]
    public void Symbolic_link_is_refused()
    {
        string link = Path.Combine(_folder, "link");
        File.CreateSymbolicLink(link, "/dev/null");

        Assert.Equal(TooManyLinks, Assert.Throws<PosixException>(() => PosixFile.OpenForReading(link)).Errno);
    }

    [Fact]
    public void Trouble_is_told_with_the_call_the_path_and_the_text_of_the_system()
    {
        string path = Path.Combine(_folder, "nothing");

        var open = Assert.Throws<PosixException>(() => PosixFile.OpenForReading(path));
        var status = Assert.Throws<PosixException>(() => PosixFile.Status(path));

        Assert.Equal((PosixException.NoSuchFile, $"open {path}: No such file or directory"), (open.Errno, open.Message));
        Assert.Equal((PosixException.NoSuchFile, $"statx {path}: No such file or directory"), (status.Errno, status.Message));
        Assert.Equal("call: Permission denied", new PosixException("call", PermissionDenied).Message);
    }

    [Fact]
    public void Folder_is_synced_and_nothing_else_is()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        PosixFile.SyncFolder(_folder);

        Assert.Contains("Not a directory", Assert.Throws<PosixException>(() => PosixFile.SyncFolder(file)).Message, StringComparison.Ordinal);
        Assert.Throws<PosixException>(() => PosixFile.SyncFolder(Path.Combine(_folder, "nothing")));
    }

    [Fact]
    public void New_file_belongs_to_its_user_alone_and_there_must_be_none()
    {
        string path = Path.Combine(_folder, "file");
        using (var file = PosixFile.CreateNew(path))
        {
            RandomAccess.Write(file, "hello"u8, 0);
        }
        using (var file = PosixFile.OpenForUpdate(path))
        {
            RandomAccess.Write(file, "J"u8, 0);
        }

        Assert.Equal("Jello", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(PosixException.FileExists, Assert.Throws<PosixException>(() => PosixFile.CreateNew(path)).Errno);
        File.CreateSymbolicLink(path + "-link", path);
        Assert.Equal(TooManyLinks, Assert.Throws<PosixException>(() => PosixFile.OpenForUpdate(path + "-link")).Errno);
    }

    [Fact]
    public void Parts_of_a_file_get_and_lose_their_place_on_the_disk()
    {
        string path = Path.Combine(_folder, "file");
        using var file = PosixFile.CreateNew(path);
        RandomAccess.SetLength(file, 1 << 20);
        Assert.Equal(0UL, PosixFile.Status(file).AllocatedBytes);

        PosixFile.Allocate(file, 4096, 128 << 10);
        Assert.InRange(PosixFile.Status(file).AllocatedBytes, 128UL << 10, 256UL << 10);
        RandomAccess.Write(file, new byte[] { 1, 2, 3 }, 8192);
        PosixFile.SyncData(file);

        PosixFile.Deallocate(file, 4096, 128 << 10);

        Assert.InRange(PosixFile.Status(file).AllocatedBytes, 0UL, 16UL << 10);
        Assert.Equal(new byte[1 << 20], File.ReadAllBytes(path));
        Assert.Equal(1UL << 20, PosixFile.Status(file).SizeBytes);
        Assert.Contains("fallocate", Assert.Throws<PosixException>(() => PosixFile.Allocate(file, -1, 1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_in_memory_are_told_from_others()
    {
        using var proc = PosixFile.OpenForReading("/proc/self/status");
        Assert.False(PosixFile.IsInMemory(proc));
        string path = $"/dev/shm/ca-native-{Guid.NewGuid()}";
        using var file = PosixFile.CreateNew(path);
        File.Delete(path);

        Assert.True(PosixFile.IsInMemory(file));
    }

    [Fact]
    public void Sync_of_what_cannot_be_synced_is_told()
    {
        using var file = PosixFile.OpenForReading("/dev/null");

        Assert.Contains("fdatasync", Assert.Throws<PosixException>(() => PosixFile.SyncData(file)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_descriptor_is_left_open()
    {
        int before = Descriptors();
        for (int i = 0; i < 100; i++)
        {
            PosixFile.SyncFolder(_folder);
            PosixFile.OpenForReading("/dev/null").Dispose();
        }

        Assert.InRange(Descriptors(), 0, before + 50);
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    private static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }

    [Fact]
    public void Status_tells_a_change_that_keeps_length_and_time_of_the_last_write()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, "one");
            var before = PosixFile.Status(path);
            var written = File.GetLastWriteTimeUtc(path);
            Assert.InRange(before.ChangedNanoseconds, (written - DateTime.UnixEpoch).Ticks * 100, long.MaxValue);

            var after = before;
            // The clock of a file system may tick some milliseconds apart.
            for (int i = 0; i < 100_000 && after.ChangedNanoseconds <= before.ChangedNanoseconds; i++)
            {
                File.WriteAllText(path, "two");
                File.SetLastWriteTimeUtc(path, written);
                after = PosixFile.Status(path);
            }

            Assert.True(after.ChangedNanoseconds > before.ChangedNanoseconds, "the change is not seen");
            Assert.Equal(before, after with { ChangedNanoseconds = before.ChangedNanoseconds });
        }
        finally
        {
            File.Delete(path);
        }
    }
}
