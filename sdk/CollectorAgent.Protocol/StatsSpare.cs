using System.Buffers.Binary;

namespace CollectorAgent.Protocol;

/// <summary>The copy of an archive that lies at the end of a stats VDI while the frame at its start is written, and the footer behind it,
/// without which it does not count. See docs/formats/stats-vdi.md.</summary>
internal static class StatsSpare
{
    private const uint Magic = 0x7ada7adb;
    private const uint Version = 1;

    /// <summary>One sector: a disk writes it whole or not at all, and where it does not, the checksum tells. It has the checksum of
    /// the copy, too, so that both can be written at once.</summary>
    public const int FooterBytes = 512;

    public const int FooterStart = StatsFrame.RegionBytes - FooterBytes;

    private const int LengthStart = 8;
    private const int ArchiveChecksumStart = 12;
    private const int ChecksumStart = FooterBytes - sizeof(uint);

    /// <summary>The longest archive that fits twice, in a frame and as a spare, without a block that belongs to both.</summary>
    private const int MaxArchiveBytes = (StatsFrame.RegionBytes / 2) - FooterBytes;

    /// <summary>The longest archive whose spare touches no block of a frame with so long an archive, nor of its own; negative if there is none.</summary>
    public static int MaxArchiveBytesBeside(int archiveBytes) => Math.Min(MaxArchiveBytes, FooterStart - StatsFrame.End(archiveBytes));

    public static int Start(int archiveBytes) => FooterStart - archiveBytes;

    /// <summary>The copy and its footer.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> archive)
    {
        byte[] spare = new byte[archive.Length + FooterBytes];
        archive.CopyTo(spare);
        var footer = spare.AsSpan(archive.Length);
        BinaryPrimitives.WriteUInt32BigEndian(footer, Magic);
        BinaryPrimitives.WriteUInt32BigEndian(footer[4..], Version);
        BinaryPrimitives.WriteInt32BigEndian(footer[LengthStart..], archive.Length);
        BinaryPrimitives.WriteUInt32BigEndian(footer[ArchiveChecksumStart..], Crc32.Compute(archive));
        BinaryPrimitives.WriteUInt32BigEndian(footer[ChecksumStart..], Crc32.Compute(footer[..ChecksumStart]));
        return spare;
    }

    /// <returns>False if this is no footer, or one that is not whole.</returns>
    public static bool TryDecodeFooter(ReadOnlySpan<byte> footer, out int archiveBytes)
    {
        uint length = BinaryPrimitives.ReadUInt32BigEndian(footer[LengthStart..]);
        archiveBytes = (int)Math.Min(length, int.MaxValue);
        return BinaryPrimitives.ReadUInt32BigEndian(footer) == Magic
            && BinaryPrimitives.ReadUInt32BigEndian(footer[4..]) == Version
            && length <= MaxArchiveBytes
            && BinaryPrimitives.ReadUInt32BigEndian(footer[ChecksumStart..]) == Crc32.Compute(footer[..ChecksumStart]);
    }

    /// <summary>Whether a footer speaks of this archive.</summary>
    public static bool IsOf(ReadOnlySpan<byte> footer, ReadOnlySpan<byte> archive) =>
        BinaryPrimitives.ReadUInt32BigEndian(footer[ArchiveChecksumStart..]) == Crc32.Compute(archive);
}
