using System.Diagnostics;
using System.Numerics;

namespace CollectorAgent.Rrd.Formats;

/// <summary>The first 15 significant digits of a double, by exact integer arithmetic.</summary>
/// <remarks>
/// A double is m x 2^e. Times 10^k, with k such that 15 digits stand before the point, it is m x 5^k x 2^(e + k): a product of
/// less than 128 bits that is shifted right. What is shifted out says how to round.
/// </remarks>
internal static class SignificantDigits
{
    public const int Count = 15;

    private const ulong Most = 1_000_000_000_000_000;

    // Within these, 5^k fits 64 bits and its product with m fits 128.
    private const double Smallest = 1e-12;
    private const double Largest = 1e15;

    // A logarithm is off by less than this: the exponent may be found too small, never too large.
    private const double LogarithmError = 1e-12;

    private const int MantissaBits = 52;
    private const int ExponentBias = 1075;

    private static readonly ulong[] PowersOfFive = [.. Enumerable.Range(0, 28).Select(k => (ulong)BigInteger.Pow(5, k))];

    /// <summary>Finds them, rounded half to even as C does.</summary>
    /// <param name="digits">A number of 15 digits.</param>
    /// <param name="exponent">The value is d.dddddddddddddd times ten to this.</param>
    /// <returns>False for a value that is too small or too large for it, or not positive.</returns>
    public static bool TryFind(double value, out ulong digits, out int exponent)
    {
        digits = 0;
        exponent = 0;
        if (!(value is >= Smallest and < Largest))
        {
            return false;
        }
        exponent = (int)Math.Floor(Math.Log10(value) - LogarithmError);
        digits = Scaled(value, Count - 1 - exponent);
        if (digits >= Most)
        {
            exponent++;
            digits = digits == Most ? Most / 10 : Scaled(value, Count - 1 - exponent);
        }
        return true;
    }

    /// <summary>A value times a power of ten, rounded to an integer.</summary>
    private static ulong Scaled(double value, int power)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        ulong mantissa = (bits & ((1UL << MantissaBits) - 1)) | 1UL << MantissaBits;
        int exponent = (int)(bits >> MantissaBits) - ExponentBias;
        var product = Math.BigMul(mantissa, PowersOfFive[power]);
        int shift = -(exponent + power);
        if (shift <= 0)
        {
            return (ulong)(product << -shift);
        }
        Debug.Assert(shift < 128, "the value has 15 digits before the point");
        ulong whole = (ulong)(product >> shift);
        var rest = product - ((UInt128)whole << shift);
        var half = UInt128.One << (shift - 1);
        bool isUp = rest > half || (rest == half && (whole & 1) != 0);
        return isUp ? whole + 1 : whole;
    }
}
