using System.Buffers.Binary;
using System.Text;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Any bytes give a sample or a status.</summary>
public sealed class MutatedPageTests
{
    private const int Pagefuls = 120_000;
    private const int PagesOfOneReader = 50;

    [Fact]
    public void Mutated_page_gives_a_status_and_never_an_exception()
    {
        var random = new Random(396751);
        byte[][] originals = [.. Originals()];
        int[] seen = new int[Enum.GetValues<PageStatus>().Length];
        var reader = new PageReader();
        for (int i = 0; i < Pagefuls; i++)
        {
            byte[] page = Mutation.Mutate(originals[random.Next(originals.Length)], originals[random.Next(originals.Length)], random);
            // Checksums that fit let the damage reach what lies behind them.
            page = random.Next(2) == 0 ? Sealed(page) : page;
            reader = i % PagesOfOneReader == 0 ? new PageReader() : reader;

            PageStatus status;
            try
            {
                status = reader.Read(new MemoryPage(page));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"page {i}: {Convert.ToHexString(page)}", e);
            }

            seen[(int)status]++;
            if (status == PageStatus.Ok)
            {
                Assert.True(double.IsFinite(reader.Timestamp) && reader.Timestamp >= 1);
                Assert.Equal(reader.Sources.Count, reader.Values.Length);
            }
        }

        // The damage reaches every check there is, and leaves pages that are good.
        PageStatus[] possible = [.. Enum.GetValues<PageStatus>().Except([PageStatus.FutureTimestamp, PageStatus.ReadFailed, PageStatus.AgentFailed])];
        Assert.All(possible, s => Assert.True(seen[(int)s] > 10, $"{s}: {seen[(int)s]}"));
    }

    private static IEnumerable<byte[]> Originals()
    {
        const string Float = "\"value_type\":\"float\"";
        string odd = Pages.Metadata(
            ("cpu0", $"{Float},\"owner\":\"vm a\",\"min\":\"-inf\",\"max\":Infinity,\"default\":\"true\",\"transform\":\"inverse\",\"value\":\"1.00\""),
            ("cpu0", "\"value_type\":\"int64\",\"owner\":\"sr b\",\"type\":\"derive\",\"units\":\"μs\",\"description\":\"\\\"\\u00b0\""));
        yield return Pages.Version2(odd, 1, 2);
        yield return Pages.Version2(1_700_000_000L, Pages.Bytes(Pages.Metadata(("a", Float))), 7);
        yield return Pages.Version1("""{"timestamp":1700000000.25,"datasources":{"a":{"value":"7","value_type":"int64","min":NaN},"b":{"value":0.5}}}""");
        yield return PageWriter.Version1(Pages.Time, [new("a") { Owner = new(OwnerKind.Vm, "x") }, new("b") { IsInteger = true }], [1, 2]);
        yield return PageWriter.Version2(Pages.Time, [.. Enumerable.Range(0, 20).Select(i => new ReportedSource($"s{i}"))], new long[20]);

        yield return Pages.Version3(
            1_700_000_000,
            """
            # HELP a Says \"so\".
            # TYPE a counter
            a_total{b="c",owner="vm x"} 1 # {t="u"} 0.5 1
            # TYPE s summary
            s{quantile="0.5"} -Inf
            # TYPE i info
            i_info{v="1"} 1
            # EOF
            """);
        yield return Pages.Version3(1_700_000_000, OpenMetricsProtobufTests.Sample);

        // As the C library leaves it: a closing NUL that is counted, a long rest.
        byte[] c = new byte[1000];
        byte[] metadata = Pages.Bytes($"{{\n    \"datasources\": {{\n        \"a\": {{ {Float} }}\n    }}\n}}\0");
        Pages.Version2(Pages.Bits(Pages.Time), metadata, 3).CopyTo(c, 0);
        yield return c;

        // As the Python module leaves it: sorted keys, blanks, old bytes after the end.
        byte[] old = Pages.Version2(odd, 1, 2);
        byte[] python = Pages.Version2(
            """{"datasources": {"a": {"default": "true", "description": "", "max": "inf", "min": -Infinity, "owner": "host", "type": "absolute", """ +
            "\"units\": \"\", \"value_type\": \"float\"}}}",
            9);
        yield return [.. python, .. old.Skip(python.Length)];
    }

    private static byte[] Sealed(byte[] page)
    {
        if (page.Length < 35)
        {
            return page;
        }
        if (page[11] == '\n')
        {
            return page.Length > 54 ? Pages.Version1(Encoding.Latin1.GetString(page.AsSpan(54))) : page;
        }
        if (page.AsSpan().StartsWith("OPENMETRICS1"u8))
        {
            uint payload = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(24));
            if (28L + payload <= page.Length)
            {
                BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(12), Crc32.Compute(page.AsSpan(16, 12 + (int)payload)));
            }
            return page;
        }
        uint count = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(19));
        long end = 31 + 8L * count;
        if (end + 4 > page.Length)
        {
            return page;
        }
        BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(11), Crc32.Compute(page.AsSpan(23, (int)end - 23)));
        uint length = BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan((int)end));
        if (end + 4 + length <= page.Length)
        {
            BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(15), Crc32.Compute(page.AsSpan((int)end + 4, (int)length)));
        }
        return page;
    }
}
