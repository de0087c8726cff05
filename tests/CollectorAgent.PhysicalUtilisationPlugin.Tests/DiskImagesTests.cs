using System.Diagnostics;

namespace CollectorAgent.PhysicalUtilisationPlugin.Tests;

public sealed class DiskImagesTests : IDisposable
{
    private static readonly DateTime Monday = new(2026, 1, 5, 0, 0, 0, DateTimeKind.Utc);

    private readonly string _folder = Directory.CreateTempSubdirectory("images-").FullName;
    private readonly DiskImages _images;

    public DiskImagesTests() => _images = new DiskImages(_folder);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Virtual_sizes_of_all_formats_are_summed()
    {
        Write("a.vhd", ImageFile.VhdFooter(10_000_000));
        Write("b.qcow2", ImageFile.Qcow2Header(200_000_000));
        Write("c.raw", new byte[3000]);
        Write("d.iso", new byte[400]);
        Write("e.IMG", new byte[50]);
        Write("f.txt", new byte[7]);
        Directory.CreateDirectory(Path.Combine(_folder, "g.iso"));
        File.CreateSymbolicLink(Path.Combine(_folder, "h.raw"), "c.raw");

        Assert.Equal(210_003_450, Sum());
    }

    [Fact]
    public void A_vhd_that_grows_is_known_by_the_copy_of_its_footer()
    {
        byte[] growing = new byte[5000];
        ImageFile.VhdFooter(10_000_000).CopyTo(growing, 0);
        Write("a.vhd", growing);

        Assert.Equal(10_000_000, Sum());
    }

    [Fact]
    public void A_hidden_vhd_counts_nothing()
    {
        Write("base.vhd", ImageFile.VhdFooter(10_000_000, isHidden: true));
        Write("leaf.vhd", ImageFile.VhdFooter(20_000_000));

        Assert.Equal(20_000_000, Sum());
    }

    public static TheoryData<string, byte[]> Damaged => new()
    {
        { "empty.vhd", [] },
        { "short.vhd", ImageFile.VhdFooter(1)[1..] },
        { "cookie.vhd", Changed(ImageFile.VhdFooter(1), 0) },
        { "checksum.vhd", Changed(ImageFile.VhdFooter(1), 300) },
        { "huge.vhd", ImageFile.VhdFooter(-1) },
        { "short.qcow2", ImageFile.Qcow2Header(1)[..31] },
        { "magic.qcow2", Changed(ImageFile.Qcow2Header(1), 3) },
        { "huge.qcow2", ImageFile.Qcow2Header(ulong.MaxValue) },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void A_disk_that_does_not_say_its_size_makes_the_sum_unknown(string name, byte[] content)
    {
        Write("good.vhd", ImageFile.VhdFooter(1));
        Write(name, content);

        Assert.Null(_images.Sum(CancellationToken.None, out string? trouble));
        Assert.Equal($"{name} does not say how large its disk is", trouble);

        File.Delete(Path.Combine(_folder, name));
        Assert.Equal(1, Sum());
    }

    [Fact]
    public void A_file_is_read_again_when_its_time_or_length_changes()
    {
        Write("a.qcow2", ImageFile.Qcow2Header(1));
        Assert.Equal(1, Sum());

        Write("a.qcow2", ImageFile.Qcow2Header(2));
        Assert.Equal(1, Sum());   // nothing to be seen: it was not read

        Write("a.qcow2", ImageFile.Qcow2Header(3), Monday.AddSeconds(1));
        Assert.Equal(3, Sum());

        Write("a.qcow2", [.. ImageFile.Qcow2Header(4), 0], Monday.AddSeconds(1));
        Assert.Equal(4, Sum());
    }

    [Fact]
    public void A_look_that_ends_early_knows_no_sum_and_forgets_nothing()
    {
        Write("a.qcow2", ImageFile.Qcow2Header(1));
        Assert.Equal(1, Sum());
        Write("a.qcow2", ImageFile.Qcow2Header(2));

        Assert.Null(_images.Sum(new CancellationToken(canceled: true), out string? trouble));

        Assert.Equal("there was no time to look at all files", trouble);
        Assert.Equal(1, Sum());   // still not read again
    }

    [Fact]
    public void Too_many_files_are_not_all_looked_at()
    {
        for (int i = 0; i <= DiskImages.MaxFiles; i++)
        {
            File.Create(Path.Combine(_folder, i + ".raw")).Dispose();
        }

        Assert.Null(_images.Sum(CancellationToken.None, out string? trouble));
        Assert.Equal("more than 10000 files", trouble);
    }

    [QemuFact]
    public void Disks_that_qemu_made_have_the_size_that_it_says()
    {
        Run("qemu-img", "create", "-q", "-f", "vpc", "-o", "subformat=dynamic,force_size=on", Path.Combine(_folder, "a.vhd"), "64M");
        Assert.Equal(64 << 20, Sum());
        Run("qemu-img", "create", "-q", "-f", "vpc", "-o", "subformat=fixed,force_size=on", Path.Combine(_folder, "b.vhd"), "32M");
        Assert.Equal(96 << 20, Sum());
        Run("qemu-img", "create", "-q", "-f", "qcow2", Path.Combine(_folder, "c.qcow2"), "1G");
        Assert.Equal((96L << 20) + (1L << 30), Sum());
    }

    private static byte[] Changed(byte[] bytes, int index)
    {
        bytes[index] ^= 1;
        return bytes;
    }

    private long? Sum()
    {
        long? sum = _images.Sum(CancellationToken.None, out string? trouble);
        Assert.Null(trouble);
        return sum;
    }

    private void Write(string name, byte[] content, DateTime? written = null)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        File.SetLastWriteTimeUtc(path, written ?? Monday);
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
