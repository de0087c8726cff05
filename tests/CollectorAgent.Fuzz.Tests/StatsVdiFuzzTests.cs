using System.Buffers.Binary;
using CollectorAgent.Protocol;
using Xunit.Abstractions;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Disks on which the RRDs of an SR lie.</summary>
public sealed class StatsVdiFuzzTests(ITestOutputHelper output)
{
    private static readonly byte[] New = FuzzedArchives.Compressed("new"u8.ToArray());

    [Fact]
    public void Disk_has_an_archive_or_says_what_is_there_and_takes_the_next_one_or_refuses()
    {
        var disk = new Disk();
        new Fuzzing("stats-vdi", Seeds(), output) { Finish = Seal, MaxAllocatedBytes = 24 * StatsFrame.RegionBytes }.Run(bytes =>
        {
            disk.Fill(bytes);
            var vdi = new StatsVdi(disk);
            var content = vdi.Read();
            // Writing takes far longer than reading.
            if (bytes.Length % 4 != 0)
            {
                return content.HasArchive;
            }
            try
            {
                vdi.Write(New);
                Assert.Equal(New, vdi.Read().Archive);
            }
            catch (StatsVdiException)
            {
                // Then the disk is as it was.
                Assert.Equal((content.State, content.Archive.Length), (vdi.Read().State, vdi.Read().Archive.Length));
            }
            vdi.Write(New, inPlace: true, force: true);
            Assert.Equal(New, vdi.Read().Archive);
            return content.HasArchive;
        });
    }

    private static IEnumerable<byte[]> Seeds()
    {
        byte[] archive = FuzzedArchives.Compressed([.. Enumerable.Range(0, 3000).Select(i => (byte)(i * i))]);
        return
        [
            StatsFrame.Encode(archive), StatsSpare.Encode(archive), [.. StatsFrame.Encode(New), .. StatsSpare.Encode(archive)],
            [.. StatsFrame.Encode(archive), .. StatsSpare.Encode(archive)], archive, [.. archive, .. new byte[600]], new byte[600],
        ];
    }

    /// <summary>For the most part the footer of the copy fits the copy.</summary>
    private static byte[] Seal(byte[] content, Random random)
    {
        if (content.Length < StatsSpare.FooterBytes || random.Next(4) == 0)
        {
            return content;
        }
        byte[] copy = [.. content];
        var footer = copy.AsSpan(copy.Length - StatsSpare.FooterBytes);
        int length = BinaryPrimitives.ReadInt32BigEndian(footer[8..]);
        if (length >= 0 && length <= copy.Length - footer.Length)
        {
            BinaryPrimitives.WriteUInt32BigEndian(footer[12..], Crc32.Compute(copy.AsSpan(copy.Length - footer.Length - length, length)));
        }
        BinaryPrimitives.WriteUInt32BigEndian(footer[^4..], Crc32.Compute(footer[..^4]));
        return copy;
    }

    /// <summary>The same bytes at both its ends.</summary>
    private sealed class Disk : IStatsDevice
    {
        private readonly byte[] _bytes = new byte[StatsFrame.RegionBytes];

        public long Length => _bytes.Length;

        public void Fill(byte[] content)
        {
            Array.Clear(_bytes);
            content.CopyTo(_bytes, 0);
            content.CopyTo(_bytes, _bytes.Length - content.Length);
        }

        public void Read(long offset, Span<byte> buffer) => _bytes.AsSpan((int)offset, buffer.Length).CopyTo(buffer);

        public void Write(long offset, ReadOnlySpan<byte> bytes) => bytes.CopyTo(_bytes.AsSpan((int)offset, bytes.Length));

        public void Sync()
        {
        }
    }
}
