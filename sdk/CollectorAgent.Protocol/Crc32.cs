namespace CollectorAgent.Protocol;

/// <summary>The CRC-32 of zlib, PNG and gzip (reflected, polynomial 0xEDB88320), by the widest way this processor knows.</summary>
public static class Crc32
{
    /// <summary>The polynomial without its highest term; bit 31 is the coefficient of 1, bit 0 that of x^31.</summary>
    internal const uint Polynomial = 0xEDB88320;

    /// <summary>The checksum of a whole text; <c>hello</c> gives 0x3610a686.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>The checksum of a text whose beginning has the checksum <paramref name="before"/>; that of nothing is 0.</summary>
    internal static uint Append(uint before, ReadOnlySpan<byte> data)
    {
        uint start = ~before;
        if (Crc32Lanes512.IsSupported && data.Length >= Crc32Folding<Crc32Lanes512>.BlockBytes)
        {
            return ~Crc32Folding<Crc32Lanes512>.Append(start, data);
        }
        if (Crc32Lanes256.IsSupported && data.Length >= Crc32Folding<Crc32Lanes256>.BlockBytes)
        {
            return ~Crc32Folding<Crc32Lanes256>.Append(start, data);
        }
        return ~(Crc32Lanes128.IsSupported ? Crc32Folding<Crc32Lanes128>.Append(start, data) : Crc32Table.Append(start, data));
    }
}
