using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Numbers as readers of RRD documents expect them.</summary>
public static class NumberFormat
{
    /// <summary>Room that a number needs to be written; its text may be shorter.</summary>
    public const int MaxBytes = 32;

    // %g writes these decimal exponents without a power.
    private const int LeastPlain = -4;
    private const int MostPlain = SignificantDigits.Count - 1;

    private const ulong SignBit = 1UL << 63;
    private const ulong InfinityBits = 0x7FF0_0000_0000_0000;

    // The first in the lowest byte.
    private const ulong ZeroPointZeros = 0x3030_3030_3030_2E30;
    private const ulong MinusZeroPointZeros = ZeroPointZeros << 8 | '-';

    // Exact as doubles, as are integers of 15 digits: one division of them is as good as reading a text.
    private static readonly double[] ExactPowers = [.. Enumerable.Range(0, MostPlain - LeastPlain + 1).Select(n => (double)BigInteger.Pow(10, n))];

    private static readonly Layout[] Layouts = [.. Enumerable.Range(LeastPlain, MostPlain - LeastPlain + 1).Select(LayoutOf)];

    /// <summary>Where the digits of a number go that has no power.</summary>
    /// <param name="Places">Where each of 16 bytes comes from: the digits with the point, which is the last, among them.</param>
    /// <param name="Before">Characters before the digits: the zero, the point and more zeros of what is less than 1.</param>
    /// <param name="Whole">Digits before the point; not above 0 where it is not among them.</param>
    /// <param name="Least">Characters after <paramref name="Before"/> that are written in any case.</param>
    private readonly record struct Layout(Vector128<byte> Places, int Before, int Whole, int Least);

    /// <summary>Writes 15 significant digits as C's <c>%.15g</c> does, but <c>0.0</c>, <c>NaN</c>, <c>Infinity</c>, <c>-Infinity</c>.</summary>
    /// <param name="text">At least <see cref="MaxBytes"/>; what stands after the number is undefined.</param>
    /// <returns>Bytes written.</returns>
    public static int Format(double value, Span<byte> text)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        ulong magnitude = bits & ~SignBit;
        if (magnitude - 1 >= InfinityBits - 1)
        {
            return FormatSpecial(value, text);
        }
        return Write((int)(bits >> 63), SignificantDigits.Of(magnitude), text);
    }

    /// <summary>Writes the shortest text that reads back as the same double; special values as <see cref="Format"/> does.</summary>
    /// <inheritdoc cref="Format"/>
    public static int FormatExact(double value, Span<byte> text)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value);
        ulong magnitude = bits & ~SignBit;
        if (magnitude - 1 >= InfinityBits - 1)
        {
            return FormatSpecial(value, text);
        }
        double positive = BitConverter.UInt64BitsToDouble(magnitude);
        var digits = SignificantDigits.Of(magnitude);
        // No two texts of up to 15 digits read back as the same double, so one that does is the shortest.
        if (digits.Exponent is >= LeastPlain and <= MostPlain && digits.Number / ExactPowers[MostPlain - digits.Exponent] == positive)
        {
            return Write((int)(bits >> 63), digits, text);
        }
        value.TryFormat(text, out int written, "R", CultureInfo.InvariantCulture);
        return written;
    }

    /// <summary>Reads any spelling of a number that documents have had.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out double value)
    {
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }
        text = text.Trim();
        value = text is ['-', ..] ? double.NegativeInfinity : double.PositiveInfinity;
        return (text is ['+' or '-', ..] ? text[1..] : text).Equals("inf", StringComparison.OrdinalIgnoreCase);
    }

    private static int FormatSpecial(double value, Span<byte> text)
    {
        var special = value == 0 ? "0.0"u8
            : double.IsNaN(value) ? "NaN"u8
            : value > 0 ? "Infinity"u8
            : "-Infinity"u8;
        special.CopyTo(text);
        return special.Length;
    }

    /// <summary>Writes digits without the zeros at their end.</summary>
    /// <param name="sign">1 is negative.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Write(int sign, SignificantDigits digits, Span<byte> text)
    {
        // A sign first, if any; digits from 1 up overwrite the rest.
        BinaryPrimitives.WriteUInt64LittleEndian(text, sign == 0 ? ZeroPointZeros : MinusZeroPointZeros);
        if (digits.Exponent is < LeastPlain or > MostPlain)
        {
            return sign + WriteScientific(digits, text[sign..]);
        }
        // No branch depends on the value from here on: those of one RRD differ in every respect.
        var ones = Ones(digits, out int count);
        ref readonly var layout = ref Layouts[digits.Exponent - LeastPlain];
        int before = sign + layout.Before;
        Vector128.ShuffleNative(ones, layout.Places).CopyTo(text[before..]);
        int afterPoint = count - layout.Whole;
        return before + layout.Least + (afterPoint & ~(afterPoint >> 31)) + (-afterPoint >>> 31);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int WriteScientific(SignificantDigits digits, Span<byte> text)
    {
        var ones = Ones(digits, out int count);
        Vector128.ShuffleNative(ones, Layouts[-LeastPlain].Places).CopyTo(text);
        int written = count == 1 ? 1 : count + 1;
        text[written++] = (byte)'e';
        text[written++] = (byte)(digits.Exponent < 0 ? '-' : '+');
        int exponent = Math.Abs(digits.Exponent);
        if (exponent >= 100)
        {
            text[written++] = (byte)('0' + exponent / 100);
        }
        text[written++] = (byte)('0' + exponent / 10 % 10);
        text[written++] = (byte)('0' + exponent % 10);
        return written;
    }

    /// <summary>The decimal digits, the highest first, then a point: four fours, eight twos, sixteen ones.</summary>
    /// <param name="count">How many of them are left without the zeros at their end.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Ones(SignificantDigits digits, out int count)
    {
        ulong number = digits.Number * 10;
        ulong upper = number / 100_000_000;
        // A product and a shift divide: by 10,000 below 10^8, by 100 below 10,000, by 10 below 100.
        var eights = Vector128.Create(upper, number - upper * 100_000_000);
        var thousands = (eights * 109_951_163) >>> 40;
        var fours = (thousands | ((eights - thousands * 10_000) << 32)).AsUInt32();
        var hundreds = (fours * 5243) >>> 19;
        var twos = (hundreds | ((fours - hundreds * 100) << 16)).AsUInt16();
        var tens = (twos * 103) >>> 10;
        var ones = (tens | ((twos - tens * 10) << 8)).AsByte();
        // Any digit but zero reaches the highest bit.
        count = 32 - BitOperations.LeadingZeroCount((ones + Vector128.Create((byte)0x7F)).ExtractMostSignificantBits());
        // The sixteenth digit is a zero and stands for the point.
        return ones + Vector128.Create("000000000000000."u8);
    }

    private static Layout LayoutOf(int exponent)
    {
        Span<byte> places = stackalloc byte[Vector128<byte>.Count];
        for (int i = 0; i < places.Length; i++)
        {
            places[i] = (byte)(exponent < 0 || i <= exponent ? i : i == exponent + 1 ? places.Length - 1 : i - 1);
        }
        // Below 1 all digits are after the point, which is written before them: none are missed, and no point is added.
        return exponent < 0
            ? new(Vector128.Create<byte>(places), 1 - exponent, 0, -1)
            : new(Vector128.Create<byte>(places), 0, exponent + 1, exponent + 1);
    }
}
