using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Makes inputs of others, in the ways in which inputs are wrong.</summary>
/// <param name="words">Of the format.</param>
internal sealed class Mutator(Random random, IReadOnlyList<string> words)
{
    private const int MostChanges = 6;
    private const int MostRepeats = 20_000;

    private static readonly long[] Numbers =
    [
        0, 1, -1, 2, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 4095, 4096, 32767, 32768, 32769, 65535, 65536, 1 << 20, (1 << 20) + 1,
        16 << 20, (16 << 20) + 1, int.MaxValue, int.MinValue, 1L << 31, uint.MaxValue, 1L << 32, (1L << 53) + 1, 253402300799, 253402300800,
        long.MaxValue / 1000, long.MaxValue / 5, long.MaxValue - 1, long.MaxValue, long.MinValue,
    ];

    private static readonly string[] Texts =
    [
        "NaN", "nan", "inf", "-inf", "Infinity", "-0", "1e400", "-1e400", "1e-400", "4.9e-324", "1.7976931348623157e308", "0x10",
        "1_000", "1,5", ".5", "5.",
        "+1", "--1", "18446744073709551615", "18446744073709551616", "9223372036854775808", "00000000000000000001", "1e18", "1e19", "0.1e1",
        "null", "true", "false", "{}", "[]", "\"\"", "[[", "{\"a\":", "<a>", "</a>", "<a/>", "<!--", "-->", "<![CDATA[", "]]>",
        "<!DOCTYPE a [", "&#0;",
        "&#x10ffff;", "&lt;", "&a;", "<?xml version=\"1.0\"?>", "<script>", "'", "\"", "\\", "\\u0000", "\\ud800", "\\ud83d\\ude00",
        ":", "%", "%00",
        "%s%n", "..", "/", "../", "\r\n", "\n\n", "\t", " ", "\0", "\u0001", "\u007f", "\u0085", "\u00a0", "\u200b", "\u202e", "\ufeff",
        "\ufffe",
        "\u00b5", "\u03bc", "\U0001f600", "#", "# EOF", ",", ";", "=", "-", "00000000-0000-0000-0000-000000000000", "host", "vm ", "sr ",
    ];

    private static readonly byte[][] Bytes =
    [
        [0xef, 0xbb, 0xbf], [0xff, 0xfe], [0xfe, 0xff], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xff],
    ];

    public Random Random => random;

    /// <summary>Everything stays where it is, as on a disk.</summary>
    public bool IsInPlace { get; init; }

    /// <summary>What is longer is cut.</summary>
    public int MaxBytes { get; init; } = 128 << 10;

    /// <param name="contents">What there is; it stays as it is.</param>
    public byte[] Mutate(IReadOnlyList<byte[]> contents)
    {
        byte[] content = Any(contents);
        for (int left = 1 + random.Next(MostChanges); left > 0; left--)
        {
            content = Change(content, contents);
            if (content.Length > MaxBytes)
            {
                content = content[..MaxBytes];
            }
            // Most inputs have few changes: of many, the first one hides the others.
            if (random.Next(2) == 0)
            {
                break;
            }
        }
        return content;
    }

    private byte[] Change(byte[] content, IReadOnlyList<byte[]> contents) => (IsInPlace ? random.Next(5) : random.Next(14)) switch
    {
        0 => Flip(content),
        1 => Overwrite(content, [(byte)random.Next(256)]),
        2 => Overwrite(content, Number()),
        3 => Move(content),
        4 => content[..Place(content)],
        5 => Put(content, Place(content), 0, Number()),
        6 => Put(content, Place(content), 0, Text()),
        7 => Overwrite(content, Text()),
        8 or 9 => ReplaceDigits(content),
        10 => Cut(content),
        11 => Repeat(content),
        12 => Splice(content, Any(contents)),
        _ => ReplaceElement(content, Any(contents)),
    };

    private byte[] Any(IReadOnlyList<byte[]> contents) => contents[random.Next(contents.Count)];

    private int Place(byte[] content) => random.Next(content.Length + 1);

    /// <summary>A part of something, short more often than long.</summary>
    private Range Part(byte[] content)
    {
        int start = Place(content);
        int most = random.Next(4) == 0 ? content.Length : 32;
        return start..Math.Min(content.Length, start + random.Next(most + 1));
    }

    private static byte[] Put(byte[] content, int at, int inPlaceOf, ReadOnlySpan<byte> what) =>
        [.. content.AsSpan(0, at), .. what, .. content.AsSpan(at + inPlaceOf)];

    private static byte[] Overwrite(byte[] content, int at, ReadOnlySpan<byte> what) =>
        Put(content, at, Math.Min(what.Length, content.Length - at), what);

    private byte[] Overwrite(byte[] content, ReadOnlySpan<byte> what) => Overwrite(content, Place(content), what);

    private byte[] Flip(byte[] content)
    {
        byte[] flipped = [.. content];
        for (int left = 1 + random.Next(3); left > 0 && flipped.Length > 0; left--)
        {
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        }
        return flipped;
    }

    /// <summary>A number as programs have it, of any width and either order.</summary>
    private byte[] Number()
    {
        long number = Numbers[random.Next(Numbers.Length)];
        if (random.Next(8) == 0)
        {
            number = BitConverter.DoubleToInt64Bits(random.Next(3) switch { 0 => double.NaN, 1 => double.PositiveInfinity, _ => number });
        }
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        int width = 1 << random.Next(4);
        if (random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt64BigEndian(bytes, number);
            return bytes[^width..].ToArray();
        }
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return bytes[..width].ToArray();
    }

    private byte[] Text() => random.Next(8) switch
    {
        0 or 1 => Digits(),
        2 => Bytes[random.Next(Bytes.Length)],
        < 6 when words.Count > 0 => Encoding.UTF8.GetBytes(words[random.Next(words.Count)]),
        _ => Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)]),
    };

    private byte[] Digits() => Encoding.ASCII.GetBytes(random.Next(20) == 0
        ? new string((char)('0' + random.Next(10)), random.Next(1000))
        : Numbers[random.Next(Numbers.Length)].ToString(CultureInfo.InvariantCulture) + (random.Next(4) == 0 ? "." + random.Next(100) : ""));

    /// <summary>Another number where one stands in letters.</summary>
    private byte[] ReplaceDigits(byte[] content)
    {
        int start = Place(content);
        int first = content.AsSpan(start).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (first < 0)
        {
            return Flip(content);
        }
        first += start;
        int end = content.AsSpan(first).IndexOfAnyExceptInRange((byte)'.', (byte)'9');
        return Put(content, first, end < 0 ? content.Length - first : end, random.Next(4) == 0 ? Text() : Digits());
    }

    private byte[] Cut(byte[] content)
    {
        var (at, length) = Part(content).GetOffsetAndLength(content.Length);
        return Put(content, at, length, []);
    }

    /// <summary>A part many times: long runs, and what is open in each other.</summary>
    private byte[] Repeat(byte[] content)
    {
        byte[] part = random.Next(3) == 0 ? Text() : content[Part(content)];
        int most = random.Next(4) == 0 ? MostRepeats : 20;
        int times = Math.Min(1 + random.Next(most), MaxBytes / Math.Max(1, part.Length));
        byte[] run = new byte[part.Length * times];
        for (int i = 0; i < times; i++)
        {
            part.CopyTo(run, i * part.Length);
        }
        return Put(content, Place(content), 0, run);
    }

    private byte[] Splice(byte[] content, byte[] other) => random.Next(2) == 0
        ? [.. content.AsSpan(0, Place(content)), .. other.AsSpan(Place(other))]
        : Put(content, Place(content), 0, other.AsSpan(Part(other)));

    private byte[] Move(byte[] content) => Overwrite(content, content.AsSpan(Part(content)));

    /// <summary>An element, member or line takes the place of another: what is between two of the same marks.</summary>
    private byte[] ReplaceElement(byte[] content, byte[] other)
    {
        byte mark = "\n<,\" {["u8[random.Next(7)];
        var (at, length) = Between(content, mark);
        var (otherAt, otherLength) = Between(other, mark);
        return Put(content, at, random.Next(2) == 0 ? length : 0, other.AsSpan(otherAt, otherLength));
    }

    private (int At, int Length) Between(byte[] content, byte mark)
    {
        int start = Place(content);
        int first = content.AsSpan(start).IndexOf(mark);
        if (first < 0)
        {
            return (start, 0);
        }
        int length = content.AsSpan(start + first + 1).IndexOf(mark);
        return (start + first, length < 0 ? content.Length - start - first : length + 1);
    }
}
