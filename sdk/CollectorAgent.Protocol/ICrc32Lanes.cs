using System.Runtime.Intrinsics;

namespace CollectorAgent.Protocol;

/// <summary>A register of 128-bit lanes that can be multiplied without carry.</summary>
internal interface ICrc32Lanes<TSelf>
    where TSelf : struct, ICrc32Lanes<TSelf>
{
    /// <summary>Whether this processor multiplies a register of this width at once.</summary>
    static abstract bool IsSupported { get; }

    /// <summary>Lanes in the register.</summary>
    static abstract int Count { get; }

    /// <summary>The first bytes of some data.</summary>
    static abstract TSelf Load(ReadOnlySpan<byte> data);

    /// <summary>A register that is zero but for its first bytes.</summary>
    static abstract TSelf Start(uint first);

    /// <summary>The same factors for every lane.</summary>
    static abstract TSelf Repeat(Vector128<ulong> factors);

    /// <summary>Adds without carry.</summary>
    static abstract TSelf Add(TSelf left, TSelf right);

    /// <summary>Each half of each lane multiplied by the half beside it in the factors, and the two products of a lane added.</summary>
    static abstract TSelf Multiply(TSelf lanes, TSelf factors);

    /// <summary>One lane that stands for all of them.</summary>
    static abstract Vector128<ulong> Narrow(TSelf lanes);
}
