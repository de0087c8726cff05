using System.Globalization;
using System.Text;

namespace CollectorAgent.Rrd.Formats.Tests;

public sealed class NumberFormatTests
{
    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    [InlineData(double.NegativeInfinity, "-Infinity")]
    [InlineData(0.0, "0.0")]
    [InlineData(300, "300")]
    [InlineData(1, "1")]
    [InlineData(-1, "-1")]
    [InlineData(0.5, "0.5")]
    [InlineData(33351000, "33351000")]
    [InlineData(1e15, "1e+15")]
    [InlineData(999999999999999, "999999999999999")]
    [InlineData(1e14, "100000000000000")]
    [InlineData(1e-4, "0.0001")]
    [InlineData(1e-5, "1e-05")]
    [InlineData(1700000000.25, "1700000000.25")]
    [InlineData(123456789012345.6, "123456789012346")]
    [InlineData(0.4f, "0.400000005960464")]
    [InlineData(5e-324, "4.94065645841247e-324")]
    [InlineData(-5e-324, "-4.94065645841247e-324")]
    [InlineData(2.2250738585072014e-308, "2.2250738585072e-308")]
    [InlineData(1e100, "1e+100")]
    [InlineData(double.MaxValue, "1.79769313486232e+308")]
    [InlineData(double.MinValue, "-1.79769313486232e+308")]
    [InlineData(9.99999974737875e-06, "9.99999974737875e-06")]
    [InlineData(0.00099999999999999995, "0.001")]
    [InlineData(999999999999999.9, "1e+15")]
    public void Number_is_written_as_readers_expect_it(double value, string expected) => Assert.Equal(expected, Text(value));

    [Fact]
    public void Negative_zero_is_zero() => Assert.Equal("0.0", Text(-0.0));

    /// <summary>Halves of the fifteenth digit that a double holds exactly.</summary>
    [Theory]
    [InlineData(100000000000000.5, "100000000000000")]
    [InlineData(100000000000001.5, "100000000000002")]
    [InlineData(-123456789012344.5, "-123456789012344")]
    [InlineData(999999999999998.5, "999999999999998")]
    [InlineData(999999999999999.5, "1e+15")]
    [InlineData(1000000000000005, "1e+15")]
    [InlineData(1000000000000015, "1.00000000000002e+15")]
    [InlineData(10000000000000050, "1e+16")]
    [InlineData(1.000030517578125, "1.00003051757812")]
    [InlineData(0.500030517578125, "0.500030517578125")]
    [InlineData(2.384185791015625e-07, "2.38418579101562e-07")]
    public void Number_half_way_between_two_is_the_even_one(double value, string expected) => Assert.Equal(expected, Text(value));

    [PythonFact]
    public async Task Numbers_are_those_of_the_C_library()
    {
        var random = new Random(20231114);
        var values = new List<double> { 5e-324, double.MaxValue, double.Epsilon * 4096, 2.2250738585072014e-308 };
        while (values.Count < 100_000)
        {
            double value = (values.Count % 4) switch
            {
                0 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
                1 => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 19)),
                // Exactly half way between two numbers of fifteen digits.
                2 => random.NextInt64(100_000_000_000_000, 999_999_999_999_999) + 0.5,
                _ => (float)(random.NextDouble() * Math.Pow(10, random.Next(-6, 12))),
            };
            if (double.IsFinite(value) && value != 0)
            {
                values.Add(value);
            }
        }
        string script = "import sys\nfor line in sys.stdin: print('%.15g' % float(line))";

        string answer = await Tool.RunAsync(
            Tool.Python, ["-c", script], string.Join('\n', values.Select(v => v.ToString("R", CultureInfo.InvariantCulture))));

        Assert.Equal(answer.Split('\n', StringSplitOptions.RemoveEmptyEntries), values.Select(Text));
    }

    [Fact]
    public void Exact_number_reads_back_as_the_same_bits()
    {
        var random = new Random(7);
        Span<byte> text = stackalloc byte[NumberFormat.MaxBytes];
        for (int i = 0; i < 200_000; i++)
        {
            long bits = i < 64 ? 1L << i : random.NextInt64(long.MinValue, long.MaxValue);
            double value = BitConverter.Int64BitsToDouble(bits);
            int length = NumberFormat.FormatExact(value, text);
            Assert.True(NumberFormat.TryParse(Encoding.ASCII.GetString(text[..length]), out double read));
            // The sign of a zero and the payload of a NaN say nothing.
            Assert.True(value.Equals(read), $"{bits:x16} came back as {read:R}");
        }
    }

    [Theory]
    [InlineData("NaN", double.NaN)]
    [InlineData("nan", double.NaN)]
    [InlineData("-nan", double.NaN)]
    [InlineData("Infinity", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("+inf", double.PositiveInfinity)]
    [InlineData("-inf", double.NegativeInfinity)]
    [InlineData("Inf", double.PositiveInfinity)]
    [InlineData("300.0000", 300)]
    [InlineData("0.5000", 0.5)]
    [InlineData(" 1.5000000000e+00 ", 1.5)]
    [InlineData("1.7e9", 1.7e9)]
    [InlineData("+3", 3)]
    [InlineData("1e400", double.PositiveInfinity)]
    public void Every_spelling_of_a_number_is_read(string text, double expected)
    {
        Assert.True(NumberFormat.TryParse(text, out double value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("U")]
    [InlineData("1,5")]
    [InlineData("0x10")]
    [InlineData("12 13")]
    [InlineData("infinite")]
    public void What_is_no_number_is_refused(string text) => Assert.False(NumberFormat.TryParse(text, out _));

    private static string Text(double value)
    {
        Span<byte> text = stackalloc byte[NumberFormat.MaxBytes];
        return Encoding.ASCII.GetString(text[..NumberFormat.Format(value, text)]);
    }
}
