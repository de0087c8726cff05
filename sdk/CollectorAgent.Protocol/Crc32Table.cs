using System.Buffers.Binary;

namespace CollectorAgent.Protocol;

/// <summary>CRC-32 from tables, sixteen bytes at a time: for any processor, and for the ends that folding leaves.</summary>
internal static class Crc32Table
{
    private const int Slices = 16;

    private static readonly uint[] Table = BuildTable();

    /// <summary>What the register of the checksum comes to behind these bytes; neither the first nor the last inversion is done.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        var table = Table.AsSpan();
        while (data.Length >= Slices)
        {
            crc = Slice(
                BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc,
                BinaryPrimitives.ReadUInt32LittleEndian(data[4..]),
                BinaryPrimitives.ReadUInt32LittleEndian(data[8..]),
                BinaryPrimitives.ReadUInt32LittleEndian(data[12..]));
            data = data[Slices..];
        }
        // Values are eight bytes long: often just as much is left.
        if (data.Length >= 8)
        {
            uint first = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            crc = Advance(table, first, 4) ^ Advance(table, BinaryPrimitives.ReadUInt32LittleEndian(data[4..]), 0);
            data = data[8..];
        }
        foreach (byte b in data)
        {
            crc = table[(byte)(crc ^ b)] ^ (crc >> 8);
        }
        return crc;
    }

    /// <summary>What sixteen bytes come to behind nothing, as four little-endian words.</summary>
    public static uint Slice(uint first, uint second, uint third, uint fourth)
    {
        var table = Table.AsSpan();
        return Advance(table, first, 12) ^ Advance(table, second, 8) ^ Advance(table, third, 4) ^ Advance(table, fourth, 0);
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
                crc = (crc & 1) != 0 ? (crc >> 1) ^ Crc32.Polynomial : crc >> 1;
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
