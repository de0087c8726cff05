using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CollectorAgent.Native.Tests;

/// <summary>Limits, descriptors and modes, as the shell knows them.</summary>
public sealed class PosixLimitsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-limits-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Limit_of_open_files_is_the_hard_one()
    {
        long limit = PosixLimits.RaiseOpenFiles();

        // Columns: name, soft, hard.
        string[] columns = File.ReadLines("/proc/self/limits").Single(l => l.StartsWith("Max open files", StringComparison.Ordinal))
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(columns[4], columns[3]);
        Assert.Equal(columns[4], limit.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(0b110_000_000)]
    [InlineData(0b110_100_100)]
    [InlineData(0b001_111_101_101)]
    public void Mode_of_a_file_is_known(int mode)
    {
        string path = Path.Combine(_folder.FullName, "file");
        File.WriteAllText(path, "");
        using (var chmod = Process.Start("chmod", [Convert.ToString(mode, 8), path]))
        {
            chmod.WaitForExit();
        }

        Assert.Equal((UnixFileMode)mode, PosixFile.Status(path).Mode);
    }

    [Fact]
    public void Descriptor_that_the_process_opened_itself_is_none_that_it_was_started_with()
    {
        using var file = File.OpenHandle("/dev/null");
        int descriptor = (int)file.DangerousGetHandle();

        Assert.True(PosixDescriptor.IsOpen(descriptor));
        Assert.False(PosixDescriptor.IsInherited(descriptor));
        Assert.True(PosixDescriptor.IsInherited(0));
        Assert.False(PosixDescriptor.IsOpen(1_000_000));
        Assert.False(PosixDescriptor.IsInherited(1_000_000));
    }

    [Fact]
    public void What_is_written_is_there_and_what_cannot_be_is_said()
    {
        string path = Path.Combine(_folder.FullName, "file");
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
        {
            PosixDescriptor.Write((int)file.DangerousGetHandle(), Encoding.ASCII.GetBytes("a\n"));
            PosixDescriptor.Write((int)file.DangerousGetHandle(), Encoding.ASCII.GetBytes("b\n"));
        }
        using var full = File.OpenHandle("/dev/full", FileMode.Open, FileAccess.Write);

        Assert.Equal("a\nb\n", File.ReadAllText(path));
        var failure = Assert.Throws<PosixException>(() => PosixDescriptor.Write((int)full.DangerousGetHandle(), "a"u8));
        Assert.Equal(PosixException.NoSpace, failure.Errno);
    }
}
