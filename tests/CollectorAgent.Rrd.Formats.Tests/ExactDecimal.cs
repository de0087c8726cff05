using System.Globalization;
using System.Numerics;

namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>The definition of <c>%.15g</c>: fifteen digits of the exact value, half to even, in integers of any size.</summary>
internal static class ExactDecimal
{
    private const int Digits = 15;

    public static string Text(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(Math.Abs(value));
        int biased = (int)(bits >> 52);
        BigInteger mantissa = (bits & ((1UL << 52) - 1)) | (biased > 0 ? 1UL << 52 : 0);
        int binary = Math.Max(biased, 1) - 1075;
        var numerator = binary > 0 ? mantissa << binary : mantissa;
        var denominator = binary < 0 ? BigInteger.One << -binary : BigInteger.One;

        // A logarithm may be off at a power of ten; the loop makes it true.
        int exponent = (int)Math.Floor(Math.Log10(Math.Abs(value))) - 1;
        while (CompareToPower(numerator, denominator, exponent + 1) >= 0)
        {
            exponent++;
        }
        var number = Rounded(numerator, denominator, Digits - 1 - exponent);
        if (number == BigInteger.Pow(10, Digits))
        {
            exponent++;
            number /= 10;
        }
        return (value < 0 ? "-" : "") + Layout(number.ToString(CultureInfo.InvariantCulture), exponent);
    }

    private static int CompareToPower(BigInteger numerator, BigInteger denominator, int exponent) =>
        (numerator * BigInteger.Pow(10, Math.Max(-exponent, 0))).CompareTo(denominator * BigInteger.Pow(10, Math.Max(exponent, 0)));

    private static BigInteger Rounded(BigInteger numerator, BigInteger denominator, int scale)
    {
        numerator *= BigInteger.Pow(10, Math.Max(scale, 0));
        denominator *= BigInteger.Pow(10, Math.Max(-scale, 0));
        var whole = BigInteger.DivRem(numerator, denominator, out var rest);
        int side = (2 * rest).CompareTo(denominator);
        return side > 0 || (side == 0 && !whole.IsEven) ? whole + 1 : whole;
    }

    private static string Layout(string digits, int exponent)
    {
        if (exponent is < -4 or >= Digits)
        {
            string point = digits.TrimEnd('0').Length > 1 ? "." : "";
            return $"{digits[0]}{point}{digits[1..].TrimEnd('0')}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }
        return exponent < 0
            ? "0." + new string('0', -exponent - 1) + digits.TrimEnd('0')
            : (digits[..(exponent + 1)] + "." + digits[(exponent + 1)..].TrimEnd('0')).TrimEnd('.');
    }
}
