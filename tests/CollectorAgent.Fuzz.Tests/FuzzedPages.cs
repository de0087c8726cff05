using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CollectorAgent.Protocol;

namespace CollectorAgent.Fuzz.Tests;

/// <summary>Pages whose checksums fit, so that what is wrong with them is found behind those; and what a reader makes of a page.</summary>
internal static class FuzzedPages
{
    /// <summary>A page is believed up to its limit: there is a buffer of that size, and pooled ones have up to twice it.</summary>
    public const long MaxAllocatedBytes = 3L * PageReader.MaxMetadataBytes;

    public static readonly string[] Words =
    [
        "\"value_type\":\"int64\"", "\"owner\":\"host\"", "\"type\":\"absolute\"", "\"min\":", "\"value\":", "\"datasources\":{",
        "DATASOURCES",
        "OPENMETRICS1", "# TYPE ", "# HELP ", "# UNIT ", "# EOF\n", "_total", "_bucket", "_sum", "_count", "_info", "{le=\"+Inf\"}",
        "quantile=\"0.5\"",
        "owner=\"vm a\"", " counter\n", " histogram\n", " stateset\n", " gaugehistogram\n", " # {t=\"u\"} 1 1", "\n",
    ];

    private static readonly byte[] Before1 = PageWriter.Version1(1_600_000_000, [new("before")], [5]);
    private static readonly byte[] Before2 = PageWriter.Version2(1_600_000_000, [new("before"), new("too")], [5, 6]);
    private static readonly byte[] Before3 = Version3(1_600_000_000, "# TYPE before gauge\nbefore 5\n# EOF\n"u8.ToArray());

    public static byte[] Version2(byte[] metadata, int count)
    {
        byte[] page = new byte[31 + 8 * count + 4 + metadata.Length];
        "DATASOURCES"u8.CopyTo(page);
        BinaryPrimitives.WriteInt32BigEndian(page.AsSpan(19), count);
        BinaryPrimitives.WriteDoubleBigEndian(page.AsSpan(23), 1_700_000_000);
        BinaryPrimitives.WriteInt32BigEndian(page.AsSpan(31 + 8 * count), metadata.Length);
        metadata.CopyTo(page.AsSpan(31 + 8 * count + 4));
        Seal2(page, isLengthRight: true);
        return page;
    }

    public static byte[] Version3(long timestamp, byte[] payload)
    {
        byte[] page = new byte[28 + payload.Length];
        "OPENMETRICS1"u8.CopyTo(page);
        BinaryPrimitives.WriteInt64BigEndian(page.AsSpan(16), timestamp);
        payload.CopyTo(page.AsSpan(28));
        Seal3(page, isLengthRight: true);
        return page;
    }

    /// <summary>Checksums, and for the most part lengths, that fit the rest; sometimes those that are there.</summary>
    public static byte[] Seal(byte[] page, Random random)
    {
        if (page.Length < 35 || random.Next(8) == 0)
        {
            return page;
        }
        bool isLengthRight = random.Next(8) != 0;
        byte[] copy = [.. page];
        if (copy.AsSpan().StartsWith("OPENMETRICS1"u8))
        {
            Seal3(copy, isLengthRight);
        }
        else if (copy[11] != '\n')
        {
            Seal2(copy, isLengthRight);
        }
        else if (copy.Length > 54)
        {
            Seal1(copy);
        }
        return copy;
    }

    /// <summary>Reads a page after another: only a sample changes what the reader holds.</summary>
    public static bool IsSample(byte[] page)
    {
        var reader = new PageReader();
        byte[] before = (page.Length % 3) switch { 0 => Before1, 1 => Before2, _ => Before3 };
        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(before)));
        var (sources, values, time, version) = (reader.Sources, reader.Values.ToArray(), reader.Timestamp, reader.Version);

        var status = reader.Read(new MemoryPage(page));

        if (status == PageStatus.Ok)
        {
            Assert.Equal(reader.Sources.Count, reader.Values.Length);
            Assert.InRange(reader.Sources.Count, 0, PageReader.MaxSources);
            Assert.True(double.IsFinite(reader.Timestamp) && reader.Timestamp >= 1);
            Assert.Equal(PageStatus.Unchanged, reader.Read(new MemoryPage(page)));
            return true;
        }
        Assert.Same(sources, reader.Sources);
        Assert.Equal(values, reader.Values);
        Assert.Equal((time, version), (reader.Timestamp, reader.Version));
        Assert.Empty(reader.LeftOut);
        return false;
    }

    private static void Seal1(byte[] page)
    {
#pragma warning disable CA5351 // The page format prescribes MD5.
        byte[] digest = MD5.HashData(page.AsSpan(54));
#pragma warning restore CA5351
        Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\n{page.Length - 54:x8}\n{Convert.ToHexStringLower(digest)}\n"), page.AsSpan(11));
    }

    private static void Seal2(byte[] page, bool isLengthRight)
    {
        long end = 31 + 8L * BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(19));
        if (end + 4 > page.Length)
        {
            return;
        }
        int rest = page.Length - (int)end - 4;
        if (isLengthRight)
        {
            BinaryPrimitives.WriteInt32BigEndian(page.AsSpan((int)end), rest);
        }
        BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(11), Crc32.Compute(page.AsSpan(23, (int)end - 23)));
        int length = (int)Math.Min(rest, BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan((int)end)));
        BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(15), Crc32.Compute(page.AsSpan((int)end + 4, length)));
    }

    private static void Seal3(byte[] page, bool isLengthRight)
    {
        if (isLengthRight)
        {
            BinaryPrimitives.WriteInt32BigEndian(page.AsSpan(24), page.Length - 28);
        }
        int length = (int)Math.Min(page.Length - 28, BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(24)));
        BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(12), Crc32.Compute(page.AsSpan(16, 12 + length)));
    }

    private sealed class MemoryPage(byte[] content) : IPageSource
    {
        public int Read(long offset, Span<byte> buffer)
        {
            int count = (int)Math.Max(0, Math.Min(buffer.Length, content.Length - offset));
            content.AsSpan((int)Math.Min(offset, content.Length), count).CopyTo(buffer);
            return count;
        }
    }
}
