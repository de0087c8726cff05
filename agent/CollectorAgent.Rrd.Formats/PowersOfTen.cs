using System.Numerics;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Powers of ten as 64 bits and a power of two, for every exponent that a double can need.</summary>
internal static class PowersOfTen
{
    /// <summary>The largest that 64 bits hold exactly; so do all from 0 up.</summary>
    public const int LargestExact = 27;

    /// <summary>Smallest decimal exponent of a normal double.</summary>
    private const int LeastDecade = -307;
    private const int MostDecade = 308;

    private const int LeastScale = SignificantDigits.Count - 1 - MostDecade;
    private const int MostScale = SignificantDigits.Count - LeastDecade;

    private const int DoubleBits = 53;
    private const int DoubleBias = 1023;

    private static readonly Power[] Scales = [.. Enumerable.Range(LeastScale, MostScale - LeastScale + 1).Select(Scale)];

    private static readonly ulong[] Decades = [.. Enumerable.Range(LeastDecade, MostDecade - LeastDecade + 1).Select(Decade), ulong.MaxValue];

    /// <summary>The bits of a power of ten, cut off after 64.</summary>
    /// <param name="Significand">With the highest bit set.</param>
    /// <param name="Exponent">Of two: the value of that bit.</param>
    public readonly record struct Power(ulong Significand, int Exponent);

    /// <summary>Ten to this, cut off unless it is exact.</summary>
    /// <param name="scale">What brings the first 15 digits of a normal double before the point.</param>
    public static Power Get(int scale) => Scales[scale - LeastScale];

    /// <summary>The bits of the smallest double that is not less than ten to this.</summary>
    public static ulong CeilingBits(int exponent) => Decades[exponent - LeastDecade];

    private static Power Scale(int exponent)
    {
        var ten = BigInteger.Pow(10, Math.Abs(exponent));
        int bits = (int)ten.GetBitLength();
        if (exponent >= 0)
        {
            return new Power((ulong)(bits > 64 ? ten >> (bits - 64) : ten << (64 - bits)), bits - 1);
        }
        // The inverse of a power of ten is never a power of two, so its highest bit stands just below that of the divisor.
        return new Power((ulong)((BigInteger.One << (bits + 63)) / ten), -bits);
    }

    private static ulong Decade(int exponent)
    {
        var power = Scale(exponent);
        ulong bits = power.Significand >> (64 - DoubleBits);
        bool isExact = exponent is >= 0 and <= LargestExact && bits << (64 - DoubleBits) == power.Significand;
        ulong below = (ulong)(power.Exponent + DoubleBias) << (DoubleBits - 1) | (bits & ((1UL << (DoubleBits - 1)) - 1));
        return isExact ? below : below + 1;
    }
}
