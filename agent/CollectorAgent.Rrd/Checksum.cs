using System.Numerics;
using System.Runtime.InteropServices;

namespace CollectorAgent.Rrd;

/// <summary>The checksum of tiles and files of the store: four CRC-32C side by side, as processors compute them fastest.</summary>
/// <remarks>Word i of eight bytes goes to CRC i mod 4; the result is the CRC-32C of those four. See docs/formats/store.md.</remarks>
public static class Checksum
{
    private const int Lanes = 4;

    /// <param name="bytes">A multiple of eight.</param>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(bytes.Length % sizeof(ulong), 0);
        uint first = uint.MaxValue;
        uint second = uint.MaxValue;
        uint third = uint.MaxValue;
        uint fourth = uint.MaxValue;
        var blocks = MemoryMarshal.Cast<byte, Block>(bytes);
        foreach (ref readonly var block in blocks)
        {
            first = BitOperations.Crc32C(first, block.First);
            second = BitOperations.Crc32C(second, block.Second);
            third = BitOperations.Crc32C(third, block.Third);
            fourth = BitOperations.Crc32C(fourth, block.Fourth);
        }
        var words = MemoryMarshal.Cast<byte, ulong>(bytes)[(blocks.Length * Lanes)..];
        first = words.Length > 0 ? BitOperations.Crc32C(first, words[0]) : first;
        second = words.Length > 1 ? BitOperations.Crc32C(second, words[1]) : second;
        third = words.Length > 2 ? BitOperations.Crc32C(third, words[2]) : third;
        uint both = BitOperations.Crc32C(uint.MaxValue, first | (ulong)second << 32);
        return ~BitOperations.Crc32C(both, third | (ulong)fourth << 32);
    }

    private readonly record struct Block(ulong First, ulong Second, ulong Third, ulong Fourth);
}
