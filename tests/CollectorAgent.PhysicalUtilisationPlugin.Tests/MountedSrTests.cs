using System.Diagnostics;
using System.Globalization;

namespace CollectorAgent.PhysicalUtilisationPlugin.Tests;

/// <summary>Looks at file systems that are mounted for the test, which takes the right to mount.</summary>
public sealed class MountedSrTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("sr-mount-").FullName;

    private string Sr => Path.Combine(_root, "0c9b5a1e-6f4d-4b52-9d35-7b1f2a0e8c11");

    public void Dispose()
    {
        TryRun("umount", "--lazy", "--quiet", Sr);
        Directory.Delete(_root, recursive: true);
    }

    [Theory]
    [InlineData("tmpfs")]
    [InlineData("ext4")]
    public void Size_and_use_are_those_that_stat_tells(string type)
    {
        Directory.CreateDirectory(Sr);
        if (!TryMount(type))
        {
            return;
        }
        File.WriteAllBytes(Path.Combine(Sr, "a.iso"), new byte[3_000_000]);

        var use = new MountedSr(Sr).Look(CancellationToken.None).Value!;

        // Blocks, free blocks, size of a block.
        long[] stat = [.. Output("stat", "-f", "-c", "%b %f %S", Sr).Split(' ').Select(number => long.Parse(number, CultureInfo.InvariantCulture))];
        Assert.Equal(stat[0] * stat[2], use.Size);
        Assert.Equal((stat[0] - stat[1]) * stat[2], use.Used);
        Assert.InRange(use.Used, 3_000_000, use.Size);
        Assert.Equal(3_000_000, use.Virtual);
    }

    [Fact]
    public void A_folder_and_a_link_to_one_are_as_full_as_what_they_lie_on()
    {
        string folder = Path.Combine(_root, "elsewhere");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "a.raw"), new byte[1000]);
        File.CreateSymbolicLink(Sr, folder);

        Assert.Equal(1000, new MountedSr(folder).Look(CancellationToken.None).Value!.Virtual);
        var use = new MountedSr(Sr).Look(CancellationToken.None).Value!;
        Assert.Equal(1000, use.Virtual);
        Assert.Equal(Output("stat", "-f", "-c", "%b", _root), (use.Size / 4096).ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void A_mount_point_on_which_nothing_is_mounted_is_no_sr()
    {
        Directory.CreateDirectory(Sr);

        Assert.Equal(default, new MountedSr(Sr).Look(CancellationToken.None));
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_an_error()
    {
        File.CreateSymbolicLink(Sr, Path.Combine(_root, "nowhere"));

        Assert.ThrowsAny<IOException>(() => new MountedSr(Sr).Look(CancellationToken.None));
    }

    private bool TryMount(string type)
    {
        if (type == "tmpfs")
        {
            return TryRun("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", Sr);
        }
        string image = Path.Combine(_root, "image");
        using (var file = File.Create(image))
        {
            file.SetLength(16 << 20);
        }
        return TryRun("mkfs.ext4", "-q", image) && TryRun("mount", "-o", "loop", image, Sr);
    }

    private static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }

    private static bool TryRun(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
