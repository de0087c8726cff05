using System.Globalization;
using System.Runtime.CompilerServices;

namespace CollectorAgent.Rrd.Formats;

/// <summary>The first 15 significant digits of a double, rounded half to even on its exact value as C does.</summary>
/// <param name="Number">The digits.</param>
/// <param name="Exponent">The value is d.dddddddddddddd times ten to this.</param>
/// <remarks>
/// A double is m x 2^e. Its product with a power of ten that brings 15 digits before the point is one multiplication of 64 by 64
/// bits: the digits lie in the upper half, and what stands below them says how to round. From 10^0 to 10^27 the product is exact.
/// Other powers are cut off, which makes the upper half too small by one at most; where that could matter the runtime is asked.
/// </remarks>
internal readonly record struct SignificantDigits(ulong Number, int Exponent)
{
    public const int Count = 15;

    private const ulong Most = 1_000_000_000_000_000;

    private const int MantissaBits = 52;
    private const int ExponentBias = 1023;
    private const ulong Hidden = 1UL << MantissaBits;

    // Bits of the upper half that are below the point: as many as 15 digits leave.
    private const int BelowPoint = 13;
    private const ulong Half = 1UL << (BelowPoint - 1);

    // Mantissa times significand is the value times 2^(52 + 63), less both exponents; the point is to be above 64 + 13 bits.
    private const int Alignment = 64 + BelowPoint - MantissaBits - 63;

    /// <summary>Finds them.</summary>
    /// <param name="bits">Of a double that is positive and finite.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SignificantDigits Of(ulong bits)
    {
        if (bits < Hidden)
        {
            return OfRuntime(bits);
        }
        int binary = (int)(bits >> MantissaBits) - ExponentBias;
        // The logarithm of the power of two, rounded down: exact for those of doubles.
        int decade = (binary * 78913) >> 18;
        int exponent = decade + (bits >= PowersOfTen.CeilingBits(decade + 1) ? 1 : 0);

        var power = PowersOfTen.Get(Count - 1 - exponent);
        ulong mantissa = ((bits & (Hidden - 1)) | Hidden) << (binary + power.Exponent + Alignment);
        ulong upper = Math.BigMul(mantissa, power.Significand, out _);
        ulong rounded = upper + Half;
        // Half or one less: thirteen zeros, or ones, below the point.
        bool isNearHalf = ((rounded + 1) & (2 * Half - 2)) == 0;
        ulong number = rounded >> BelowPoint;
        return isNearHalf || number >= Most ? OfRare(bits, exponent, mantissa, power.Significand) : new(number, exponent);
    }

    /// <summary>What is next to a half, or rounded up to one digit more.</summary>
    private static SignificantDigits OfRare(ulong bits, int exponent, ulong mantissa, ulong significand)
    {
        ulong upper = Math.BigMul(mantissa, significand, out ulong lower);
        bool isExact = Count - 1 - exponent is >= 0 and <= PowersOfTen.LargestExact;
        ulong rest = upper & (2 * Half - 1);
        if (!isExact && rest is Half or (Half - 1))
        {
            return OfRuntime(bits);
        }
        ulong number = upper >> BelowPoint;
        bool isUp = rest > Half || (rest == Half && (lower > 0 || (number & 1) != 0));
        number += isUp ? 1UL : 0;
        return number < Most ? new(number, exponent) : new(Most / 10, exponent + 1);
    }

    /// <summary>Takes several times as long: for subnormal values, and some of those that are next to a half.</summary>
    private static SignificantDigits OfRuntime(ulong bits)
    {
        // d.ddddddddddddddE+ddd
        Span<byte> text = stackalloc byte[NumberFormat.MaxBytes];
        BitConverter.UInt64BitsToDouble(bits).TryFormat(text, out int length, "E14", CultureInfo.InvariantCulture);
        ulong number = (ulong)(text[0] - '0') * (Most / 10) + ulong.Parse(text[2..(Count + 1)], NumberStyles.None, CultureInfo.InvariantCulture);
        return new(number, int.Parse(text[(Count + 2)..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture));
    }
}
