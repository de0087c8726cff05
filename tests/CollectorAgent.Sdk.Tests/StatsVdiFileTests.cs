using System.Diagnostics;
using System.IO.Compression;
using CollectorAgent.Native;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Sdk.Tests;

public sealed class StatsVdiFileTests : IDisposable
{
    private const int RegionBytes = 4 << 20;

    private static readonly byte[] First = Archive("<rrd>first</rrd>"u8);
    private static readonly byte[] Second = Archive("<rrd>second</rrd>"u8);

    private readonly TemporaryFolder _folder = new();

    private string Vdi => Path.Combine(_folder.Path, "vdi");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(100_000)]
    public void File_keeps_its_length_and_what_lies_behind_the_region(int more)
    {
        byte[] behind = [.. Enumerable.Repeat((byte)7, more)];
        File.WriteAllBytes(Vdi, [.. new byte[RegionBytes], .. behind]);

        Assert.Equal(StatsVdiState.Empty, StatsVdiFile.Read(Vdi).State);
        StatsVdiFile.Write(Vdi, First);
        StatsVdiFile.Write(Vdi, Second);

        byte[] file = File.ReadAllBytes(Vdi);
        Assert.Equal(behind, file[RegionBytes..]);
        Assert.Equal([0x7a, 0xda, 0x7a, 0xda, 0, 0, 0, 1, 0, 0, 0, (byte)Second.Length, .. Second], file[..(12 + Second.Length)]);
        Assert.Equal(Second, StatsVdiFile.Read(Vdi).Archive);
    }

    [Fact]
    public void Link_is_followed()
    {
        File.WriteAllBytes(Vdi, new byte[RegionBytes]);
        string link = Path.Combine(_folder.Path, "link");
        File.CreateSymbolicLink(link, Vdi);

        StatsVdiFile.Write(link, First);

        Assert.Equal(First, StatsVdiFile.Read(Vdi).Archive);
        Assert.Equal(First, StatsVdiFile.Read(link).Archive);
    }

    [Fact]
    public void What_is_neither_a_block_device_nor_a_file_is_refused_without_being_opened()
    {
        string fifo = Path.Combine(_folder.Path, "fifo");
        using (var mkfifo = Process.Start("mkfifo", fifo))
        {
            mkfifo.WaitForExit();
        }

        foreach (string path in new[] { fifo, _folder.Path, "/dev/zero" })
        {
            Assert.Equal(StatsVdiRefusal.NotAVdi, Assert.Throws<StatsVdiException>(() => StatsVdiFile.Read(path)).Refusal);
            Assert.Equal(StatsVdiRefusal.NotAVdi, Assert.Throws<StatsVdiException>(() => StatsVdiFile.Write(path, First)).Refusal);
        }
        Assert.Equal(PosixException.NoSuchFile, Assert.Throws<PosixException>(() => StatsVdiFile.Read(Vdi)).Errno);
    }

    [Fact]
    public void File_that_is_too_short_is_refused_and_stays_as_it_is()
    {
        File.WriteAllBytes(Vdi, new byte[RegionBytes - 1]);

        Assert.Equal(StatsVdiRefusal.NotAVdi, Assert.Throws<StatsVdiException>(() => StatsVdiFile.Write(Vdi, First, inPlace: true, force: true)).Refusal);

        Assert.Equal(new byte[RegionBytes - 1], File.ReadAllBytes(Vdi));
    }

    [Fact]
    public void File_is_written_by_one_and_read_by_many()
    {
        File.WriteAllBytes(Vdi, new byte[RegionBytes]);
        using (var reader = PosixFile.OpenForReading(Vdi))
        {
            Assert.True(PosixFile.TryLock(reader, isShared: true));
            Assert.Equal(StatsVdiState.Empty, StatsVdiFile.Read(Vdi).State);
            Assert.Throws<IOException>(() => StatsVdiFile.Write(Vdi, First));
        }
        using (var writer = PosixFile.OpenForUpdate(Vdi))
        {
            Assert.True(PosixFile.TryLock(writer, isShared: false));
            Assert.Throws<IOException>(() => StatsVdiFile.Read(Vdi));
            Assert.Throws<IOException>(() => StatsVdiFile.Write(Vdi, First));
        }
        StatsVdiFile.Write(Vdi, First);
    }

    [LoopFact]
    public void Volume_of_lvm_is_written_and_read_and_its_neighbours_are_left_alone()
    {
        using var group = new LoopVolumeGroup($"ca-stats-{Guid.NewGuid():N}", 32 << 20);
        string[] devices = [.. new[] { "before", "stats", "after" }.Select(name =>
        {
            group.AddVolume(name, "4m");
            return group.Attach(name);
        })];
        byte[] neighbour = [.. Enumerable.Repeat((byte)7, RegionBytes)];
        File.WriteAllBytes(devices[0], neighbour);
        File.WriteAllBytes(devices[2], neighbour);

        Assert.Equal(StatsVdiState.Empty, StatsVdiFile.Read(devices[1]).State);
        StatsVdiFile.Write(devices[1], First);
        StatsVdiFile.Write(devices[1], Second);

        Assert.Equal(Second, StatsVdiFile.Read(devices[1]).Archive);
        byte[] start = new byte[12 + Second.Length];
        using (var device = File.OpenHandle(devices[1]))
        {
            RandomAccess.Read(device, start, 0);
        }
        Assert.Equal([0x7a, 0xda, 0x7a, 0xda, 0, 0, 0, 1, 0, 0, 0, (byte)Second.Length, .. Second], start);
        Assert.Equal(neighbour, File.ReadAllBytes(devices[0]));
        Assert.Equal(neighbour, File.ReadAllBytes(devices[2]));
        group.Lvm("vgck", group.Name);

        // Claimed, as by a mount.
        using (PosixFile.OpenClaimed(devices[1]))
        {
            Assert.Contains("busy", Assert.Throws<PosixException>(() => StatsVdiFile.Write(devices[1], First)).Message, StringComparison.Ordinal);
            Assert.Equal(Second, StatsVdiFile.Read(devices[1]).Archive);
        }
    }

    private static byte[] Archive(ReadOnlySpan<byte> document)
    {
        using var archive = new MemoryStream();
        using (var gzip = new GZipStream(archive, CompressionLevel.Optimal))
        {
            gzip.Write(document);
        }
        return archive.ToArray();
    }
}
