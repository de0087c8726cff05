using System.Text;
using static CollectorAgent.Protocol.Tests.StatsArchives;

namespace CollectorAgent.Protocol.Tests;

public sealed class StatsVdiTests
{
    private static readonly byte[] Old = OfLength(700, 1);
    private static readonly byte[] New = OfLength(900, 2);

    public static TheoryData<string, byte[], StatsVdiState, string> NoArchives => new()
    {
        { "zero", [], StatsVdiState.Empty, "There are no RRDs" },
        { "empty frame", Frame([]), StatsVdiState.Empty, "There are no RRDs: the frame is empty" },
        { "magic", Frame(Old, magic: 0x7ada7adb), StatsVdiState.Foreign, "There is something else: it begins with 7ada7adb" },
        { "other file system", [.. new byte[1080], 0x53, 0xef], StatsVdiState.Foreign, "There is something else: it begins with 00000000" },
        { "version", Frame(Old, version: 2), StatsVdiState.UnknownVersion, "There is a frame of version 2; known is 1" },
        { "length", Frame(Old, length: MostBytes + 1), StatsVdiState.WrongLength, "There is a frame that claims 4194292 bytes; 4194291 is the most" },
        { "negative length", Frame(Old, length: uint.MaxValue), StatsVdiState.WrongLength, "There is a frame that claims 4294967295 bytes; 4194291 is the most" },
        { "longer than its archive", Frame(Old, length: 701), StatsVdiState.Damaged, "There is a frame of 701 bytes, but its archive is no whole gzip stream: it is cut short, or more follows its end" },
        { "cut short", Frame(Old.AsSpan(0, 699)), StatsVdiState.Damaged, "There is a frame of 699 bytes, but its archive is no whole gzip stream: it is cut short, or more follows its end" },
        { "one bit of its content", Frame(Flipped(Old, 300)), StatsVdiState.Damaged, "There is a frame of 700 bytes, but its archive is no whole gzip stream: it is damaged" },
        { "one bit of its checksum", Frame(Flipped(Old, 694)), StatsVdiState.Damaged, "There is a frame of 700 bytes, but its archive is no whole gzip stream: it is damaged" },
        { "text", Frame("<rrd/>"u8), StatsVdiState.Damaged, "There is a frame of 6 bytes, but its archive is no whole gzip stream: it does not begin as gzip does" },
        { "nothing in it", Frame(Convert.FromHexString("1F8B080000000000000303000000000000000000")), StatsVdiState.Damaged, "There is a frame of 20 bytes, but its archive is no whole gzip stream: there is nothing in it" },
        { "bare, one bit", Flipped(Old, 300), StatsVdiState.Damaged, "There is a gzip stream without a frame, and it is not whole: it is damaged" },
        { "bare, cut short", Old[..600], StatsVdiState.Damaged, "There is a gzip stream without a frame, and it is not whole: it is damaged" },
    };

    [Theory]
    [MemberData(nameof(NoArchives))]
    public void What_is_no_archive_is_said_and_written_over_only_by_force_unless_empty(string what, byte[] content, StatsVdiState state, string detail)
    {
        var disk = SimulatedDisk.Of(content);

        var read = new StatsVdi(disk).Read();

        Assert.Equal((what, state, detail, false, 0, false), (what, read.State, read.Detail, read.HasArchive, read.Archive.Length, read.IsInterrupted));
        if (state != StatsVdiState.Empty)
        {
            var refusal = Assert.Throws<StatsVdiException>(() => new StatsVdi(disk).Write(New));
            Assert.Equal((StatsVdiRefusal.Foreign, $"{detail}: it is not written over"), (refusal.Refusal, refusal.Message));
            Assert.Equal(0, disk.Writes);
        }
        new StatsVdi(disk).Write(New, force: state != StatsVdiState.Empty);
        Assert.Equal(New, PlainRead(disk.Durable()));
    }

    [Fact]
    public void What_was_written_is_read_by_this_and_by_a_plain_reader_and_nothing_is_left_of_the_write()
    {
        var disk = new SimulatedDisk();

        foreach (int length in new[] { 700, 900, 2_096_640, 40 })
        {
            byte[] archive = OfLength(length, length);
            new StatsVdi(disk).Write(archive);

            var read = new StatsVdi(disk.Durable()).Read();
            Assert.Equal((StatsVdiState.Framed, false, false), (read.State, read.IsInterrupted, read.IsSpare));
            Assert.Equal(archive, read.Archive);
            Assert.Equal(archive, PlainRead(disk.Durable()));
            Assert.Equal(new byte[512], disk.Durable().Bytes(FooterStart, 512));
        }
    }

    [Fact]
    public void Archive_without_a_frame_is_read_up_to_its_end_and_replaced_by_a_frame()
    {
        // A shorter one over what was there before.
        var disk = SimulatedDisk.Of([.. Old, .. Frame(New)[500..]]);

        var read = new StatsVdi(disk).Read();

        Assert.Equal(StatsVdiState.Bare, read.State);
        Assert.Equal(Old, read.Archive);
        new StatsVdi(disk).Write(New);
        Assert.Equal(New, PlainRead(disk.Durable()));
    }

    [Fact]
    public void Archive_that_is_not_one_whole_gzip_stream_is_refused()
    {
        var disk = SimulatedDisk.Of(Frame(Old));
        byte[][] wrong = [[], [0x1f, 0x8b], New[..899], New[..^9], [.. New, 0], [.. New, .. Old], Flipped(New, 500), Flipped(New, 899), Encoding.ASCII.GetBytes("<rrd>")];

        foreach (byte[] archive in wrong)
        {
            Assert.Equal(StatsVdiRefusal.NotGzip, Assert.Throws<StatsVdiException>(() => new StatsVdi(disk).Write(archive, force: true)).Refusal);
        }

        Assert.Equal(0, disk.Writes);
    }

    [Fact]
    public void Archive_that_unpacks_without_end_is_refused_in_bounded_memory()
    {
        byte[] bomb = Of(new byte[300 << 20], System.IO.Compression.CompressionLevel.Fastest);
        var disk = SimulatedDisk.Of(Frame(bomb));
        long before = GC.GetAllocatedBytesForCurrentThread();

        var refusal = Assert.Throws<StatsVdiException>(() => new StatsVdi(disk).Write(bomb));
        var read = new StatsVdi(disk).Read();

        Assert.Equal("The archive is not one whole gzip stream: there is more than 268435456 bytes in it", refusal.Message);
        Assert.Equal(StatsVdiState.Damaged, read.State);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
    }

    [Fact]
    public void Device_that_is_too_short_is_refused()
    {
        var vdi = new StatsVdi(new SimulatedDisk { Length = SimulatedDisk.RegionBytes - 1 });

        var refusal = Assert.Throws<StatsVdiException>(() => vdi.Read());

        Assert.Equal((StatsVdiRefusal.NotAVdi, "It has 4194303 bytes; a stats VDI has 4194304"), (refusal.Refusal, refusal.Message));
        Assert.Equal(StatsVdiRefusal.NotAVdi, Assert.Throws<StatsVdiException>(() => vdi.Write(New)).Refusal);
    }

    [Fact]
    public void Longest_archive_is_written_in_place_and_one_byte_more_not_at_all()
    {
        var disk = SimulatedDisk.Of(Frame(Old));
        var vdi = new StatsVdi(disk);
        byte[] longest = OfLength(MostBytes, 3);

        var refusal = Assert.Throws<StatsVdiException>(() => vdi.Write(OfLength(MostBytes + 1, 3), inPlace: true, force: true));
        Assert.Equal((StatsVdiRefusal.TooLong, "The archive has 4194292 bytes; a stats VDI takes 4194291"), (refusal.Refusal, refusal.Message));
        Assert.Equal(0, disk.Writes);

        vdi.Write(longest, inPlace: true);

        Assert.Equal(longest, PlainRead(disk.Durable()));
        Assert.Equal((longest.Length, false, 0), (vdi.Read().Archive.Length, vdi.Read().IsInterrupted, vdi.Read().SafeBytes));
        Assert.Equal(StatsVdiRefusal.NoRoom, Assert.Throws<StatsVdiException>(() => vdi.Write(New)).Refusal);
        vdi.Write(New, inPlace: true);
        Assert.Equal(New, PlainRead(disk.Durable()));
    }

    // Blocks of 4096 bytes are not shared: 12 + 2,097,140 bytes end with one.
    [Theory]
    [InlineData(0, 2_096_640)]
    [InlineData(700, 2_096_640)]
    [InlineData(2_097_140, 2_096_640)]
    [InlineData(2_097_141, 2_092_544)]
    [InlineData(3_000_000, 1_191_424)]
    public void Archive_for_whose_copy_there_is_room_is_written_and_one_byte_more_refused_with_the_figures(int old, int safe)
    {
        var disk = old == 0 ? new SimulatedDisk() : SimulatedDisk.Of(Frame(OfLength(old, 4)));
        var vdi = new StatsVdi(disk);

        var refusal = Assert.Throws<StatsVdiException>(() => vdi.Write(OfLength(safe + 1, 5)));

        Assert.Equal(
            (StatsVdiRefusal.NoRoom, $"The archive has {safe + 1} bytes and the one there {old}: a copy has room for {safe}"),
            (refusal.Refusal, refusal.Message));
        Assert.Equal(0, disk.Writes);
        Assert.Equal(safe, vdi.Read().SafeBytes);
        vdi.Write(OfLength(safe, 5));
        Assert.Equal(OfLength(safe, 5), PlainRead(disk.Durable()));
    }

    [Fact]
    public void Spare_counts_only_if_all_of_it_is_right()
    {
        byte[] spare = StatsSpare.Encode(New);
        var disk = SimulatedDisk.Of(Frame(Old.AsSpan(0, 600)));
        disk.Put(SimulatedDisk.RegionBytes - spare.Length, spare);
        Assert.Equal(New, new StatsVdi(disk).Read().Archive);

        // Footer: magic, version, length, checksum of the archive, what is zero, its own checksum; the archive, and its time, which gzip's
        // own checksum leaves out.
        foreach (int place in new[] { 900, 907, 911, 912, 1000, 1411, 899, 500, 4 })
        {
            disk.Put(SimulatedDisk.RegionBytes - spare.Length, Flipped(spare, place));
            Assert.Equal((place, StatsVdiState.Damaged), (place, new StatsVdi(disk).Read().State));
        }
        byte[] text = StatsSpare.Encode("no archive"u8);
        disk.Put(SimulatedDisk.RegionBytes - text.Length, text);
        Assert.Equal(StatsVdiState.Damaged, new StatsVdi(disk).Read().State);
        byte[] tooLong = StatsSpare.Encode(OfLength(2_096_641, 3));
        disk.Put(SimulatedDisk.RegionBytes - tooLong.Length, tooLong);
        Assert.Equal(StatsVdiState.Damaged, new StatsVdi(disk).Read().State);
    }

    [PythonFact]
    public void Plain_reader_in_Python_finds_the_archive()
    {
        var disk = new SimulatedDisk();
        new StatsVdi(disk).Write(Of("<rrd>ä</rrd>"u8));
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, disk.Durable().Bytes(0, SimulatedDisk.RegionBytes));
            using var python = Python.Start(
                "-c",
                """
                import gzip, struct, sys
                with open(sys.argv[1], "rb") as f:
                    magic, version, length = struct.unpack(">III", f.read(12))
                    print(hex(magic), version, gzip.decompress(f.read(length)).decode("utf-8"))
                """,
                path);
            Assert.Equal("0x7ada7ada 1 <rrd>ä</rrd>\n", python.StandardOutput.ReadToEnd());
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static byte[] Flipped(byte[] bytes, int place)
    {
        byte[] flipped = [.. bytes];
        flipped[place] ^= 1;
        return flipped;
    }
}
