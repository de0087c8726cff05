using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Arm = System.Runtime.Intrinsics.Arm;

namespace CollectorAgent.Protocol;

/// <summary>One lane: x86 with PCLMULQDQ, Arm with PMULL.</summary>
internal readonly struct Crc32Lanes128(Vector128<ulong> lanes) : ICrc32Lanes<Crc32Lanes128>
{
    private readonly Vector128<ulong> _lanes = lanes;

    public static bool IsSupported => Pclmulqdq.IsSupported || Arm.Aes.IsSupported;

    public static int Count => 1;

    public static Crc32Lanes128 Load(ReadOnlySpan<byte> data) => new(Vector128.Create(data).AsUInt64());

    public static Crc32Lanes128 Start(uint first) => new(Vector128.CreateScalar((ulong)first));

    public static Crc32Lanes128 Repeat(Vector128<ulong> factors) => new(factors);

    public static Crc32Lanes128 Add(Crc32Lanes128 left, Crc32Lanes128 right) => new(left._lanes ^ right._lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Crc32Lanes128 Multiply(Crc32Lanes128 lanes, Crc32Lanes128 factors) => new(
        Pclmulqdq.IsSupported
            ? Pclmulqdq.CarrylessMultiply(lanes._lanes, factors._lanes, 0x00) ^ Pclmulqdq.CarrylessMultiply(lanes._lanes, factors._lanes, 0x11)
            : Arm.Aes.PolynomialMultiplyWideningLower(lanes._lanes.GetLower(), factors._lanes.GetLower())
                ^ Arm.Aes.PolynomialMultiplyWideningUpper(lanes._lanes, factors._lanes));

    public static Vector128<ulong> Narrow(Crc32Lanes128 lanes) => lanes._lanes;
}
