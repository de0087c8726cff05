using System.Globalization;
using System.Text;

namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>Numbers of every kind against the definition in integers of any size.</summary>
public sealed class NumberPropertyTests
{
    private const int Tries = 20_000;

    private static readonly Random Random = new(20250601);

    public static TheoryData<string> Kinds => [.. Generators.Keys];

    private static Dictionary<string, Func<int, double>> Generators => new()
    {
        ["any bits"] = _ => BitConverter.Int64BitsToDouble(Random.NextInt64(long.MinValue, long.MaxValue)),
        ["every exponent"] = i => BitConverter.UInt64BitsToDouble((ulong)(i % 2047) << 52 | (ulong)Random.NextInt64(1L << 52)),
        ["measured"] = _ => (Random.NextDouble() - 0.5) * Math.Pow(10, Random.Next(-6, 16)),
        ["decimals"] = _ => double.Parse(
            $"{Random.NextInt64((long)Math.Pow(10, Random.Next(1, 18)))}e{Random.Next(-22, 8)}", CultureInfo.InvariantCulture),
        ["whole"] = _ => Random.NextInt64(1L << Random.Next(1, 63)),
        ["thirds"] = _ => Random.NextInt64(1L << Random.Next(1, 53)) / 3.0,
        ["single precision"] = _ => BitConverter.Int32BitsToSingle(Random.Next()),
        ["subnormal"] = _ => BitConverter.Int64BitsToDouble(Random.NextInt64(1L << Random.Next(1, 53))),
        ["half a digit, whole"] = _ => Random.NextInt64(100_000_000_000_000, 1_000_000_000_000_000) + 0.5,
        // k / 2^n has n decimals and ends in 5: with sixteen digits it is half way between two numbers of fifteen.
        ["half a digit, binary fraction"] = i => Random.NextInt64(1L << Random.Next(1, 53)) / (double)(1L << (10 + i % 25)),
        ["half a digit, large"] = i => (Random.NextInt64(100_000_000_000_000, 900_000_000_000_000) * 10 + 5) * Math.Pow(10, i % 2),
        ["next to half a digit"] = i => Beside(
            double.Parse($"{Random.NextInt64(100_000_000_000_000, 1_000_000_000_000_000)}5e{i % 600 - 320}", CultureInfo.InvariantCulture), i % 3 - 1),
        ["next to a power of ten"] = i => Beside(double.Parse($"1e{i % 632 - 323}", CultureInfo.InvariantCulture), i / 632 % 9 - 4),
        ["next to a power of two"] = i => Beside(Math.ScaleB(1, i % 2098 - 1074), i / 2098 % 9 - 4),
        ["nines"] = i => double.Parse($"{new string('9', 1 + i % 18)}e{i % 600 - 300}", CultureInfo.InvariantCulture),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Number_has_the_fifteen_digits_of_its_exact_value(string kind)
    {
        var next = Generators[kind];
        Span<byte> text = stackalloc byte[NumberFormat.MaxBytes];
        for (int i = 0; i < Tries; i++)
        {
            double value = i % 5 == 4 ? -next(i) : next(i);
            if (value != 0 && double.IsFinite(value))
            {
                string written = Encoding.ASCII.GetString(text[..NumberFormat.Format(value, text)]);
                Assert.True(ExactDecimal.Text(value) == written, $"{value:R} is written as {written}, not {ExactDecimal.Text(value)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Exact_number_is_the_shortest_that_reads_back_the_same(string kind)
    {
        var next = Generators[kind];
        Span<byte> text = stackalloc byte[NumberFormat.MaxBytes];
        for (int i = 0; i < Tries; i++)
        {
            double value = i % 5 == 4 ? -next(i) : next(i);
            if (value != 0 && double.IsFinite(value))
            {
                Assert.Equal(value.ToString("R", CultureInfo.InvariantCulture), Encoding.ASCII.GetString(text[..NumberFormat.FormatExact(value, text)]));
            }
        }
    }

    private static double Beside(double value, int steps)
    {
        for (; steps > 0; steps--)
        {
            value = Math.BitIncrement(value);
        }
        for (; steps < 0; steps++)
        {
            value = Math.BitDecrement(value);
        }
        return value;
    }
}
