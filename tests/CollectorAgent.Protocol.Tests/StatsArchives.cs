using System.Buffers.Binary;
using System.IO.Compression;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Archives for stats VDIs, frames round them, and a reader that knows of the frame only.</summary>
internal static class StatsArchives
{
    public const int MostBytes = (4 << 20) - 12 - 1;
    public const int FooterStart = (4 << 20) - 512;

    /// <summary>A gzip stream of exactly so many bytes, of random content in stored blocks (RFC 1951, 3.2.4).</summary>
    public static byte[] OfLength(int bytes, int seed)
    {
        const int MostInBlock = ushort.MaxValue;
        int blocks = (bytes - 18 + MostInBlock + 4) / (MostInBlock + 5);
        byte[] content = new byte[bytes - 18 - (5 * blocks)];
        new Random(seed).NextBytes(content);
        using var archive = new MemoryStream();
        using var writer = new BinaryWriter(archive);
        writer.Write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
        for (int block = 0; block < blocks; block++)
        {
            int start = block * MostInBlock;
            ushort length = (ushort)Math.Min(MostInBlock, content.Length - start);
            writer.Write((byte)(block == blocks - 1 ? 1 : 0));
            writer.Write(length);
            writer.Write((ushort)~length);
            writer.Write(content, start, length);
        }
        writer.Write(Crc32.Compute(content));
        writer.Write(content.Length);
        Assert.Equal(bytes, archive.Length);
        return archive.ToArray();
    }

    public static byte[] Of(ReadOnlySpan<byte> content, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var archive = new MemoryStream();
        using (var gzip = new GZipStream(archive, level))
        {
            gzip.Write(content);
        }
        return archive.ToArray();
    }

    public static byte[] Frame(ReadOnlySpan<byte> archive, uint magic = 0x7ada7ada, uint version = 1, uint? length = null)
    {
        byte[] frame = new byte[12 + archive.Length];
        BinaryPrimitives.WriteUInt32BigEndian(frame, magic);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), version);
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(8), length ?? (uint)archive.Length);
        archive.CopyTo(frame.AsSpan(12));
        return frame;
    }

    public static byte[] PlainRead(SimulatedDisk disk)
    {
        byte[] header = disk.Bytes(0, 12);
        Assert.Equal("7ADA7ADA00000001", Convert.ToHexString(header[..8]));
        return disk.Bytes(12, BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(8)));
    }
}
