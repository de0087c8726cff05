using System.Globalization;
using System.Runtime.InteropServices;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Benchmarks;

/// <summary>Numbers as text, beside those who write the same text.</summary>
internal static unsafe partial class NumbersBenchmark
{
    private const int Count = 20_000;

    public static IEnumerable<Row> Run(Race race)
    {
        var random = new Random(1);
        (string Name, Func<int, double> Next)[] kinds =
        [
            ("17 digits", _ => random.NextDouble() * 1000),
            ("2 decimals", _ => Math.Round(random.NextDouble() * 100, 2)),
            ("whole", _ => random.Next(100_000)),
            ("of every kind", i => (i % 4) switch
            {
                0 => random.NextDouble(),
                1 => random.NextInt64(1L << 40) / 3.0,
                2 => random.Next(2),
                _ => double.NaN,
            }),
        ];
        foreach (var (name, next) in kinds)
        {
            double[] values = [.. Enumerable.Range(0, Count).Select(next)];
            var sides = race.Run(() => Check(Format(values)), () => Check(FormatExact(values)), () => FormatByRuntime(values), () => FormatByC(values));
            double[] each = [.. sides.Select(s => s.Best / Count * 1e9)];
            yield return new Row(name, each[0], "C, %.15g", each[3], "ns/number", sides[0].Noise);
            yield return new Row(name, each[0], "runtime, shortest", each[2], "ns/number", sides[0].Noise);
            yield return new Row(name + ", exact", each[1], "runtime, shortest", each[2], "ns/number", sides[1].Noise);
        }
    }

    /// <summary>Lengths are asked for, or the compiler would leave out what finds them.</summary>
    private static void Check(int length) => ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);

    private static int Format(double[] values)
    {
        Span<byte> text = stackalloc byte[NumberFormat.MaxBytes];
        int length = 0;
        foreach (double value in values)
        {
            length += NumberFormat.Format(value, text);
        }
        return length;
    }

    private static int FormatExact(double[] values)
    {
        Span<byte> text = stackalloc byte[NumberFormat.MaxBytes];
        int length = 0;
        foreach (double value in values)
        {
            length += NumberFormat.FormatExact(value, text);
        }
        return length;
    }

    private static void FormatByRuntime(double[] values)
    {
        Span<byte> text = stackalloc byte[NumberFormat.MaxBytes];
        foreach (double value in values)
        {
            value.TryFormat(text, out _, default, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Through gcvt: the same digits as printf's, without a list of arguments.</summary>
    private static void FormatByC(double[] values)
    {
        byte* text = stackalloc byte[NumberFormat.MaxBytes];
        foreach (double value in values)
        {
            gcvt(value, 15, text);
        }
    }

    [LibraryImport("libc.so.6")]
    private static partial byte* gcvt(double value, int digits, byte* text);
}
