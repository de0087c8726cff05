using static CollectorAgent.Protocol.Tests.StatsArchives;

namespace CollectorAgent.Protocol.Tests;

/// <summary>What a crash leaves of a write: the archive of before or the new one, whole, and nothing that hinders the next write.</summary>
public sealed class StatsVdiCrashTests
{
    private const int BlockBytes = 4096;

    private static readonly byte[] Old = OfLength(1800, 1);
    private static readonly byte[] New = OfLength(1500, 2);
    private static readonly byte[] Next = OfLength(2100, 3);

    /// <summary>Sizes on either side of each other and of a sector, a disk without an archive, and one without a frame.</summary>
    public static TheoryData<string> Starts => ["longer", "shorter", "same length", "same archive", "nothing", "bare", "two blocks"];

    [Theory]
    [MemberData(nameof(Starts))]
    public void Crash_after_any_byte_leaves_one_of_both(string start)
    {
        // Without a frame a look takes the whole region.
        int step = start == "bare" ? 11 : 1;
        foreach (var crash in Crashes(Start(start), (pending, durable) => Prefixes(pending, durable, step)))
        {
            AssertOneOf(crash, Before(start), New);
        }
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void Crash_that_leaves_any_of_the_sectors_leaves_one_of_both(string start)
    {
        foreach (var crash in Crashes(Start(start), (pending, durable) => SectorSubsets(pending, durable)))
        {
            AssertOneOf(crash, Before(start), New);
        }
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void Crash_that_tears_sectors_and_spoils_a_block_leaves_one_of_both(string start)
    {
        var random = new Random(7);
        foreach (var crash in Crashes(Start(start), (pending, durable) => Spoiled(random, pending, durable)))
        {
            AssertOneOf(crash, Before(start), New);
        }
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void Write_after_a_crash_can_crash_as_well(string start)
    {
        var random = new Random(8);
        foreach (var first in Crashes(Start(start), (pending, durable) => Torn(random, 8, pending, durable)))
        {
            byte[] before = Archive(first);
            foreach (var second in Crashes(first, (pending, durable) => Torn(random, 8, pending, durable), Next))
            {
                AssertOneOf(second, before, Next);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void Write_after_a_crash_leaves_a_plain_frame_and_no_footer(string start)
    {
        foreach (var crash in Crashes(Start(start), (pending, durable) => SectorSubsets(pending, durable)))
        {
            new StatsVdi(crash).Write(Next);

            Assert.Equal(Next, PlainRead(crash.Durable()));
            Assert.Equal(new byte[512], crash.Durable().Bytes(FooterStart, 512));
        }
    }

    [Fact]
    public void Write_in_place_after_a_crash_settles_it_first()
    {
        byte[] large = OfLength(3_000_000, 4);
        foreach (var crash in Crashes(Start("longer"), (pending, durable) => SectorSubsets(pending, durable)))
        {
            byte[] before = Archive(crash);
            int writes = 0;
            crash.BeforeOperation = pending => writes += pending.Any(w => w.Bytes.Length > 2_999_999) ? 1 : 0;
            Assert.Throws<StatsVdiException>(() => new StatsVdi(crash).Write(large));
            Assert.Equal(before, Archive(crash));

            SimulatedDisk? half = null;
            crash.BeforeOperation = pending => half ??= pending.Any(w => w.Bytes.Length > 2_999_999) ? crash.Durable() : null;
            new StatsVdi(crash).Write(large, inPlace: true);

            Assert.Equal(before, PlainRead(half!));
            Assert.False(new StatsVdi(half!).Read().IsInterrupted);
        }
    }

    [Fact]
    public void Interrupted_write_is_said_until_the_next_one()
    {
        var states = Crashes(Start("longer"), (pending, durable) => SectorSubsets(pending, durable)).Select(d => new StatsVdi(d).Read()).ToList();

        Assert.Contains(states, s => !s.IsInterrupted && s.Archive.Span.SequenceEqual(Old));
        Assert.Contains(states, s => s is { IsInterrupted: true, IsSpare: false } && s.Archive.Span.SequenceEqual(Old));
        Assert.Contains(states, s => s is { IsInterrupted: true, IsSpare: true } && s.Archive.Span.SequenceEqual(New));
        Assert.Contains(states, s => s is { IsInterrupted: true, IsSpare: false } && s.Archive.Span.SequenceEqual(New));
        Assert.Contains(states, s => !s.IsInterrupted && s.Archive.Span.SequenceEqual(New));
    }

    // The second ends in a block of the spare, the last where the footer was.
    [Theory]
    [InlineData(1600)]
    [InlineData(FooterStart - 12 - 1600)]
    [InlineData(MostBytes)]
    public void Frame_that_another_program_wrote_after_a_crash_counts(int length)
    {
        byte[] others = OfLength(length, 9);
        foreach (var crash in Crashes(Start("longer"), (pending, durable) => Torn(new Random(9), 2, pending, durable)))
        {
            crash.Put(0, Frame(others));

            Assert.Equal(others, Archive(crash));
            new StatsVdi(crash).Write(Next, inPlace: true);
            Assert.Equal(Next, Archive(crash));
            Assert.False(new StatsVdi(crash).Read().IsInterrupted);
        }
    }

    [Fact]
    public void Device_that_fails_at_any_call_leaves_one_of_both()
    {
        for (int failing = 0; failing < 6; failing++)
        {
            var disk = Start("longer");
            int calls = 0;
            disk.BeforeOperation = _ =>
            {
                if (calls++ == failing)
                {
                    throw new IOException("broken");
                }
            };

            Assert.Throws<IOException>(() => new StatsVdi(disk).Write(New));

            disk.BeforeOperation = null;
            AssertOneOf(disk, Old, New);
            AssertOneOf(disk.Durable(), Old, New);
        }
    }

    [Fact]
    public void Frame_whose_sync_failed_is_written_again_before_its_spare_goes()
    {
        var disk = Start("longer");
        int calls = 0;
        disk.BeforeOperation = _ =>
        {
            // The sync of the frame: the cache has it all the same, and takes it for written.
            if (calls++ == 3)
            {
                throw new IOException("broken");
            }
        };
        Assert.Throws<IOException>(() => new StatsVdi(disk).Write(New));
        disk.BeforeOperation = null;
        Assert.Equal(New, Archive(disk));
        int frames = 0;
        disk.BeforeOperation = pending => frames = Math.Max(frames, pending.Count(w => w.Offset == 0 && w.Bytes.Length == 12 + New.Length));

        new StatsVdi(disk).Write(Next);

        Assert.Equal(2, frames);
    }

    private static byte[] Before(string start) => start switch
    {
        "longer" or "bare" => Old,
        "shorter" => OfLength(600, 5),
        "same length" => OfLength(New.Length, 6),
        "same archive" => New,
        "two blocks" => OfLength(6000, 7),
        _ => [],
    };

    private static SimulatedDisk Start(string start) => start switch
    {
        "nothing" => new SimulatedDisk(),
        "bare" => SimulatedDisk.Of(Old),
        _ => SimulatedDisk.Of(Frame(Before(start))),
    };

    private static byte[] Archive(SimulatedDisk disk) => new StatsVdi(disk).Read().Archive.ToArray();

    private static void AssertOneOf(SimulatedDisk disk, byte[] before, byte[] after)
    {
        var read = new StatsVdi(disk).Read();
        bool isOne = read.Archive.Span.SequenceEqual(before) || read.Archive.Span.SequenceEqual(after);
        Assert.True(isOne && (read.HasArchive || before.Length == 0 && read.State == StatsVdiState.Empty), read.Detail);
    }

    /// <summary>The disks that a crash of a write can leave: of each sync, whatever part of what it waits for is on the disk.</summary>
    private static List<SimulatedDisk> Crashes(
        SimulatedDisk start, Func<IReadOnlyList<(long Offset, byte[] Bytes)>, SimulatedDisk, IEnumerable<SimulatedDisk>> parts, byte[]? archive = null)
    {
        var disk = start.Durable();
        List<SimulatedDisk> crashes = [disk.Durable()];
        disk.BeforeOperation = pending =>
        {
            if (pending.Count > 0)
            {
                crashes.AddRange(parts([.. pending], disk.Durable()));
            }
        };
        new StatsVdi(disk).Write(archive ?? New);
        crashes.Add(disk.Durable());
        return crashes;
    }

    private static IEnumerable<SimulatedDisk> Prefixes(IReadOnlyList<(long Offset, byte[] Bytes)> pending, SimulatedDisk durable, int step)
    {
        var (offset, bytes) = Assert.Single(pending);
        for (int count = 0; count <= bytes.Length; count += step)
        {
            var disk = durable.Durable();
            disk.Put(offset, bytes.AsSpan(0, count));
            yield return disk;
        }
    }

    private static IEnumerable<SimulatedDisk> SectorSubsets(IReadOnlyList<(long Offset, byte[] Bytes)> pending, SimulatedDisk durable)
    {
        var sectors = Sectors(pending);
        Assert.InRange(sectors.Count, 1, 12);
        for (int chosen = 0; chosen < 1 << sectors.Count; chosen++)
        {
            var disk = durable.Durable();
            for (int i = 0; i < sectors.Count; i++)
            {
                if ((chosen & (1 << i)) != 0)
                {
                    disk.Put(sectors[i].Offset, sectors[i].Bytes);
                }
            }
            yield return disk;
        }
    }

    /// <summary>Some sectors whole, some in part.</summary>
    private static IEnumerable<SimulatedDisk> Torn(Random random, int count, IReadOnlyList<(long Offset, byte[] Bytes)> pending, SimulatedDisk durable)
    {
        var sectors = Sectors(pending);
        for (int i = 0; i < count; i++)
        {
            var disk = durable.Durable();
            foreach (var (offset, bytes) in sectors)
            {
                disk.Put(offset, bytes.AsSpan(0, random.Next(3) switch { 0 => 0, 1 => random.Next(bytes.Length), _ => bytes.Length }));
            }
            yield return disk;
        }
    }

    /// <summary>The same, and one of the blocks that were written holds anything.</summary>
    private static IEnumerable<SimulatedDisk> Spoiled(Random random, IReadOnlyList<(long Offset, byte[] Bytes)> pending, SimulatedDisk durable)
    {
        var sectors = Sectors(pending);
        byte[] garbage = new byte[BlockBytes];
        foreach (var disk in Torn(random, 100, pending, durable))
        {
            random.NextBytes(garbage);
            disk.Put(sectors[random.Next(sectors.Count)].Offset / BlockBytes * BlockBytes, garbage);
            yield return disk;
        }
    }

    private static List<(long Offset, byte[] Bytes)> Sectors(IReadOnlyList<(long Offset, byte[] Bytes)> writes)
    {
        List<(long Offset, byte[] Bytes)> sectors = [];
        foreach (var (offset, bytes) in writes)
        {
            for (int done = 0; done < bytes.Length;)
            {
                int count = Math.Min(SimulatedDisk.SectorBytes - (int)((offset + done) % SimulatedDisk.SectorBytes), bytes.Length - done);
                sectors.Add((offset + done, bytes[done..(done + count)]));
                done += count;
            }
        }
        return sectors;
    }
}
