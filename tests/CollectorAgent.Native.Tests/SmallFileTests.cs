namespace CollectorAgent.Native.Tests;

public sealed class SmallFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ca-small-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, 10, 0)]
    [InlineData(9, 10, 9)]
    [InlineData(10, 10, 10)]
    [InlineData(11, 10, 10)]
    [InlineData(1 << 20, 10, 10)]
    public void File_is_read_up_to_the_limit(int length, int most, int expected)
    {
        string path = Path.Combine(_folder, "file");
        File.WriteAllBytes(path, new byte[length]);

        Assert.Equal(expected, SmallFile.Read(path, most).Length);
    }

    [Theory]
    [InlineData("mkfifo x", "a FIFO, a socket or a device")]
    [InlineData("mkdir x", "a folder")]
    [InlineData("ln -s /etc/passwd x", "a link")]
    public void What_is_no_file_is_refused_without_waiting(string command, string expected)
    {
        using (var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("sh", ["-c", command]) { WorkingDirectory = _folder })!)
        {
            shell.WaitForExit();
        }

        Assert.Contains(expected, Assert.Throws<IOException>(() => SmallFile.Read(Path.Combine(_folder, "x"), 10)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/tty")]
    public void Device_is_refused(string path) => Assert.Throws<IOException>(() => SmallFile.Read(path, 10));
}
