using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CollectorAgent.Protocol;

/// <summary>Four lanes: x86 with VPCLMULQDQ and AVX-512.</summary>
internal readonly struct Crc32Lanes512(Vector512<ulong> lanes) : ICrc32Lanes<Crc32Lanes512>
{
    private readonly Vector512<ulong> _lanes = lanes;

    public static bool IsSupported => Pclmulqdq.V512.IsSupported && Crc32Lanes256.IsSupported;

    public static int Count => 4;

    public static Crc32Lanes512 Load(ReadOnlySpan<byte> data) => new(Vector512.Create(data).AsUInt64());

    public static Crc32Lanes512 Start(uint first) => new(Vector512.CreateScalar((ulong)first));

    public static Crc32Lanes512 Repeat(Vector128<ulong> factors) => new(Vector512.Create(factors));

    public static Crc32Lanes512 Add(Crc32Lanes512 left, Crc32Lanes512 right) => new(left._lanes ^ right._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Crc32Lanes512 Multiply(Crc32Lanes512 lanes, Crc32Lanes512 factors) => new(
        Pclmulqdq.V512.CarrylessMultiply(lanes._lanes, factors._lanes, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(lanes._lanes, factors._lanes, 0x11));

    public static Vector128<ulong> Narrow(Crc32Lanes512 lanes) => Crc32Lanes256.Narrow(
        Crc32Folding<Crc32Lanes256>.Fold(new(lanes._lanes.GetLower()), new(lanes._lanes.GetUpper())));
}
