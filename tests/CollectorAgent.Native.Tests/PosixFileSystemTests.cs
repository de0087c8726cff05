using System.Diagnostics;

namespace CollectorAgent.Native.Tests;

/// <summary>Against the kernel that runs.</summary>
public sealed class PosixFileSystemTests
{
    [Fact]
    public void Space_is_what_stat_says()
    {
        var space = PosixFileSystem.Space("/dev");

        var start = new ProcessStartInfo("stat", ["-f", "-c", "%S %b %f", "/dev"]) { RedirectStandardOutput = true };
        using var stat = Process.Start(start)!;
        Assert.Equal($"{space.BlockBytes} {space.Blocks} {space.FreeBlocks}", stat.StandardOutput.ReadToEnd().Trim());
    }

    [Fact]
    public void A_path_that_is_not_there_is_an_error()
    {
        Assert.Equal(PosixException.NoSuchFile, Assert.Throws<PosixException>(() => PosixFileSystem.Space("/nowhere")).Errno);
    }
}
