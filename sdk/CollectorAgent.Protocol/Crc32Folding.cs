using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CollectorAgent.Protocol;

/// <summary>CRC-32 by carry-less multiplication.</summary>
/// <remarks>
/// A text is a polynomial whose highest coefficient is its first bit, and its checksum is a remainder of it. So bytes at the front can be
/// replaced by any others that leave the same remainder where they stand: a lane that lies d bits before another is multiplied by the
/// remainder of x^d and added to that other one. What is left in the end is one lane and less than another one, for the tables.
/// Intel's "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (2009) describes the method.
/// </remarks>
internal static class Crc32Folding<TLanes>
    where TLanes : struct, ICrc32Lanes<TLanes>
{
    private const int LaneBytes = 16;

    // So many independent multiplications hide how long each of them takes.
    private const int Registers = 4;

    private static readonly TLanes ByRegister = TLanes.Repeat(Factors(RegisterBytes * 8));
    private static readonly TLanes ByBlock = TLanes.Repeat(Factors(BlockBytes * 8));

    /// <summary>Shorter data does not use the whole width.</summary>
    public static int BlockBytes => Registers * RegisterBytes;

    private static int RegisterBytes => TLanes.Count * LaneBytes;

    /// <summary>What the register of the checksum comes to behind these bytes; neither the first nor the last inversion is done.</summary>
    /// <remarks>Compiled once and for all: compiled anew by what the first data was like, it is several times slower for other data.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        if (data.Length < RegisterBytes)
        {
            return Crc32Table.Append(crc, data);
        }
        var byRegister = ByRegister;
        // The register of the checksum is what it would be behind other bytes at the front.
        var lanes = TLanes.Add(TLanes.Start(crc), TLanes.Load(data));
        if (data.Length < BlockBytes)
        {
            data = data[RegisterBytes..];
        }
        else
        {
            lanes = FoldBlocks(lanes, ByBlock, byRegister, ref data);
        }
        while (data.Length >= RegisterBytes)
        {
            lanes = Fold(lanes, byRegister, TLanes.Load(data));
            data = data[RegisterBytes..];
        }
        var lane = TLanes.Narrow(lanes);
        while (data.Length >= LaneBytes)
        {
            lane = Crc32Lanes128.Narrow(Crc32Folding<Crc32Lanes128>.Fold(new(lane), Crc32Lanes128.Load(data)));
            data = data[LaneBytes..];
        }
        var words = lane.AsUInt32();
        return Crc32Table.Append(Crc32Table.Slice(words[0], words[1], words[2], words[3]), data);
    }

    /// <summary>The sum of a register and of one that lies just before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Fold(TLanes before, TLanes lanes) => Fold(before, ByRegister, lanes);

    /// <param name="first">The first register of the data.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes FoldBlocks(TLanes first, TLanes byBlock, TLanes byRegister, ref ReadOnlySpan<byte> data)
    {
        var second = TLanes.Load(data[RegisterBytes..]);
        var third = TLanes.Load(data[(2 * RegisterBytes)..]);
        var fourth = TLanes.Load(data[(3 * RegisterBytes)..]);
        data = data[BlockBytes..];
        while (data.Length >= BlockBytes)
        {
            // Its length is known: nothing is left to check within it.
            var block = data[..BlockBytes];
            first = Fold(first, byBlock, TLanes.Load(block));
            second = Fold(second, byBlock, TLanes.Load(block[RegisterBytes..]));
            third = Fold(third, byBlock, TLanes.Load(block[(2 * RegisterBytes)..]));
            fourth = Fold(fourth, byBlock, TLanes.Load(block[(3 * RegisterBytes)..]));
            data = data[BlockBytes..];
        }
        return Fold(Fold(Fold(first, byRegister, second), byRegister, third), byRegister, fourth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Fold(TLanes before, TLanes factors, TLanes lanes) => TLanes.Add(TLanes.Multiply(before, factors), lanes);

    /// <summary>What the two halves of a lane are multiplied by to bring them that many bits further.</summary>
    /// <remarks>
    /// The first half lies 64 bits before the second. Coefficients stand in reverse, so a product of 64 by 64 bits has 127 and stands one
    /// place too high in its lane: one power of x less makes up for it.
    /// </remarks>
    private static Vector128<ulong> Factors(int bits) => Vector128.Create(Remainder(bits + 64 - 1), Remainder(bits - 1));

    /// <summary>The remainder of a power of x, in reverse: bit 63 is the coefficient of 1.</summary>
    private static ulong Remainder(int power)
    {
        uint remainder = 1u << 31;
        for (int i = 0; i < power; i++)
        {
            remainder = (remainder >> 1) ^ ((remainder & 1) * Crc32.Polynomial);
        }
        return (ulong)remainder << 32;
    }
}
