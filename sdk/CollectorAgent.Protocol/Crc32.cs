using System.Buffers.Binary;

namespace CollectorAgent.Protocol;

/// <summary>The CRC-32 of zlib, PNG and gzip (reflected, polynomial 0xEDB88320), sixteen bytes at a time.</summary>
public static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Slices = 16;

    private static readonly uint[] Table = BuildTable();

    /// <summary>The checksum of a whole text; <c>hello</c> gives 0x3610a686.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var table = Table.AsSpan();
        uint crc = uint.MaxValue;
        while (data.Length >= Slices)
        {
            uint first = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            uint second = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            uint third = BinaryPrimitives.ReadUInt32LittleEndian(data[8..]);
            uint fourth = BinaryPrimitives.ReadUInt32LittleEndian(data[12..]);
            crc = Advance(table, first, 12) ^ Advance(table, second, 8) ^ Advance(table, third, 4) ^ Advance(table, fourth, 0);
            data = data[Slices..];
        }
        foreach (byte b in data)
        {
            crc = table[(byte)(crc ^ b)] ^ (crc >> 8);
        }
        return ~crc;
    }

    /// <summary>What four bytes come to when that many bytes follow them in the slice.</summary>
    private static uint Advance(ReadOnlySpan<uint> table, uint bytes, int following) =>
        table[(following + 3) * 256 + (byte)bytes]
        ^ table[(following + 2) * 256 + (byte)(bytes >> 8)]
        ^ table[(following + 1) * 256 + (byte)(bytes >> 16)]
        ^ table[following * 256 + (int)(bytes >> 24)];

    private static uint[] BuildTable()
    {
        var table = new uint[Slices * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint crc = i;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Polynomial : crc >> 1;
            }
            table[i] = crc;
        }
        for (int i = 256; i < table.Length; i++)
        {
            uint crc = table[i - 256];
            table[i] = table[(byte)crc] ^ (crc >> 8);
        }
        return table;
    }
}
