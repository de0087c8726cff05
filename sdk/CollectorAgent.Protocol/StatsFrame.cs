using System.Buffers.Binary;

namespace CollectorAgent.Protocol;

/// <summary>Places and sizes in a stats VDI, and the header at its start. See docs/formats/stats-vdi.md.</summary>
internal static class StatsFrame
{
    /// <summary>What is used of the device; nothing behind it is read or written.</summary>
    public const int RegionBytes = 4 << 20;

    public const uint Magic = 0x7ada7ada;
    public const uint Version = 1;

    public const int HeaderBytes = 12;

    /// <summary>The longest archive that readers of this frame take.</summary>
    public const int MaxArchiveBytes = RegionBytes - HeaderBytes - 1;

    /// <summary>A disk that loses its power while it writes a block of its own may lose all of that block. No disk has larger ones.</summary>
    public const int BlockBytes = 4096;

    /// <summary>The first two bytes of a gzip stream.</summary>
    public static ReadOnlySpan<byte> GzipMagic => [0x1f, 0x8b];

    public static byte[] Encode(ReadOnlySpan<byte> archive)
    {
        byte[] frame = new byte[HeaderBytes + archive.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, Magic);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), Version);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(8), archive.Length);
        archive.CopyTo(frame.AsSpan(HeaderBytes));
        return frame;
    }

    /// <returns>False if there is no frame; version and length are as they stand there.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> start, out uint version, out uint length)
    {
        version = BinaryPrimitives.ReadUInt32BigEndian(start[4..]);
        length = BinaryPrimitives.ReadUInt32BigEndian(start[8..]);
        return BinaryPrimitives.ReadUInt32BigEndian(start) == Magic;
    }

    /// <summary>Where the first block begins that a frame with so long an archive does not touch.</summary>
    public static int End(int archiveBytes) => (HeaderBytes + archiveBytes + BlockBytes - 1) / BlockBytes * BlockBytes;
}
