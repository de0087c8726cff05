using System.Buffers.Binary;

namespace CollectorAgent.Protocol;

/// <summary>The CRC-32 of zlib, PNG and gzip (reflected, polynomial 0xEDB88320), eight bytes at a time.</summary>
public static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private const int Slices = 8;

    private static readonly uint[] Table = BuildTable();

    /// <summary>The checksum of a whole text; <c>hello</c> gives 0x3610a686.</summary>
    public static uint Compute(ReadOnlySpan<byte> data)
    {
        var table = Table.AsSpan();
        uint crc = uint.MaxValue;
        while (data.Length >= Slices)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ crc;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            crc = table[7 * 256 + (byte)low]
                ^ table[6 * 256 + (byte)(low >> 8)]
                ^ table[5 * 256 + (byte)(low >> 16)]
                ^ table[4 * 256 + (int)(low >> 24)]
                ^ table[3 * 256 + (byte)high]
                ^ table[2 * 256 + (byte)(high >> 8)]
                ^ table[256 + (byte)(high >> 16)]
                ^ table[(int)(high >> 24)];
            data = data[Slices..];
        }
        foreach (byte b in data)
        {
            crc = table[(byte)(crc ^ b)] ^ (crc >> 8);
        }
        return ~crc;
    }

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
