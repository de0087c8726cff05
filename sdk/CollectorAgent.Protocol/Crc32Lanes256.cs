using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace CollectorAgent.Protocol;

/// <summary>Two lanes: x86 with VPCLMULQDQ.</summary>
internal readonly struct Crc32Lanes256(Vector256<ulong> lanes) : ICrc32Lanes<Crc32Lanes256>
{
    private readonly Vector256<ulong> _lanes = lanes;

    public static bool IsSupported => Pclmulqdq.V256.IsSupported;

    public static int Count => 2;

    public static Crc32Lanes256 Load(ReadOnlySpan<byte> data) => new(Vector256.Create(data).AsUInt64());

    public static Crc32Lanes256 Start(uint first) => new(Vector256.CreateScalar((ulong)first));

    public static Crc32Lanes256 Repeat(Vector128<ulong> factors) => new(Vector256.Create(factors));

    public static Crc32Lanes256 Add(Crc32Lanes256 left, Crc32Lanes256 right) => new(left._lanes ^ right._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Crc32Lanes256 Multiply(Crc32Lanes256 lanes, Crc32Lanes256 factors) => new(
        Pclmulqdq.V256.CarrylessMultiply(lanes._lanes, factors._lanes, 0x00) ^ Pclmulqdq.V256.CarrylessMultiply(lanes._lanes, factors._lanes, 0x11));

    public static Vector128<ulong> Narrow(Crc32Lanes256 lanes) => Crc32Lanes128.Narrow(
        Crc32Folding<Crc32Lanes128>.Fold(new(lanes._lanes.GetLower()), new(lanes._lanes.GetUpper())));
}
