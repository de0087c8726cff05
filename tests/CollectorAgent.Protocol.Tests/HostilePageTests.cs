using System.Text;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Pages that promise what they do not hold, or too much.</summary>
public sealed class HostilePageTests
{
    private const string Float = "\"value_type\":\"float\"";

    // The longest metadata, read three times into the same memory; and as much again for all else.
    private const long MostBytesOfOneRead = 2L * PageReader.MaxMetadataBytes;

    private static readonly byte[] Version1 = Pages.Version1("""{"timestamp":1700000000,"datasources":{"a":{"value":1}}}""");
    private static readonly byte[] Version3 = Pages.Version3(1_700_000_000, "# TYPE a counter\na_total{b=\"c\"} 1\n# EOF\n");
    private static readonly byte[] Version2 = Pages.Version2(Pages.Metadata(("a", Float), ("b", Float)), 1, 2);

    [Fact]
    public void Every_page_that_ends_early_is_truncated()
    {
        byte[] withoutLineFeed = Version1[..^1];
        foreach (byte[] page in new[] { withoutLineFeed, Version2, Version3 })
        {
            for (int length = 0; length < page.Length; length++)
            {
                Assert.Equal((length, PageStatus.Truncated), (length, Status(page[..length])));
            }
            Assert.Equal(PageStatus.Ok, Status(page));
        }
    }

    [Theory]
    [InlineData("D")]
    [InlineData("DATASOURCE")]
    [InlineData("DATASOURCES")]
    [InlineData("OPENMET")]
    [InlineData("OPENMETRICS1")]
    public void Start_of_a_page_is_truncated(string page) => Assert.Equal(PageStatus.Truncated, Status(Pages.Bytes(page)));

    [Theory]
    [InlineData("X")]
    [InlineData("DATASOURCEX")]
    [InlineData("datasources\n000000a6\n73e6b3b00311a5cd09a3d438a59dba43\n{}")]
    [InlineData("OPENMETRICS2 and more than thirty-one bytes")]
    [InlineData("{\"datasources\":{}}")]
    public void Anything_else_is_no_page(string page) => Assert.Equal(PageStatus.InvalidHeader, Status(Pages.Bytes(page)));

    [Theory]
    [InlineData(0x80000000)]
    [InlineData(0xffffffff)]
    [InlineData(0x7fffffff)]
    [InlineData(PageReader.MaxSources + 1)]
    public void Impossible_count_is_refused_before_anything_is_read(uint count)
    {
        byte[] page = [.. Version2];
        Pages.BigEndian(count).CopyTo(page, 19);
        var source = new MemoryPage(page);

        Assert.Equal(PageStatus.TooManySources, new PageReader().Read(source));
        Assert.Equal(1, source.Reads);
    }

    [Theory]
    [InlineData(0x80000000)]
    [InlineData(0xffffffff)]
    [InlineData(0x7fffffff)]
    [InlineData(64 << 20)]
    [InlineData(PageReader.MaxMetadataBytes + 1)]
    public void Impossible_length_of_the_metadata_is_refused_before_it_is_read(uint length)
    {
        byte[] page = [.. Version2];
        Pages.BigEndian(length).CopyTo(page, 31 + 2 * 8);
        var source = new MemoryPage(page);

        Assert.Equal(PageStatus.MetadataTooLong, new PageReader().Read(source));
        Assert.Equal(1, source.Reads);
    }

    [Theory]
    [InlineData("ffffffff")]
    [InlineData("80000000")]
    [InlineData("01000001")]
    public void Impossible_length_of_version_1_is_refused_before_it_is_read(string length)
    {
        byte[] page = [.. Version1];
        Pages.Bytes(length).CopyTo(page, 12);
        var source = new MemoryPage(page);

        Assert.Equal(PageStatus.MetadataTooLong, new PageReader().Read(source));
        Assert.Equal(1, source.Reads);
    }

    [Theory]
    [InlineData(0xffffffff)]
    [InlineData(0x80000000)]
    [InlineData(PageReader.MaxMetadataBytes + 1)]
    public void Impossible_length_of_version_3_is_refused_before_it_is_read(uint length)
    {
        byte[] page = [.. Version3];
        Pages.BigEndian(length).CopyTo(page, 24);
        var source = new MemoryPage(page);

        Assert.Equal(PageStatus.MetadataTooLong, new PageReader().Read(source));
        Assert.Equal(1, source.Reads);
    }

    [Fact]
    public void Longest_metadata_and_the_most_data_sources_are_read()
    {
        string metadata = Pages.Metadata([.. Enumerable.Range(0, PageReader.MaxSources).Select(i => ($"s{i}", Float))]);
        metadata += new string(' ', PageReader.MaxMetadataBytes - metadata.Length);

        Assert.Equal(PageStatus.Ok, Status(Pages.Version2(metadata, new long[PageReader.MaxSources])));
    }

    [Fact]
    public void More_data_sources_than_there_may_be_are_refused_in_version_1_too() => Assert.Equal(
        PageStatus.InvalidMetadata,
        Status(Pages.Version1(
            "{\"timestamp\":1e9,\"datasources\":{" + string.Join(',', Enumerable.Repeat("\"a\":{\"value\":1}", PageReader.MaxSources + 1)) + "}}")));

    [Theory]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void Deep_json_is_invalid(int depth)
    {
        string deep = string.Concat(Enumerable.Repeat("[", depth)) + string.Concat(Enumerable.Repeat("]", depth));

        Assert.Equal(PageStatus.InvalidMetadata, Status(Pages.Version2($"{{\"x\":{deep},\"datasources\":{{}}}}")));
        Assert.Equal(PageStatus.InvalidMetadata, Status(Pages.Version1($"{{\"timestamp\":1e9,\"x\":{deep},\"datasources\":{{}}}}")));
        Assert.Equal(PageStatus.InvalidMetadata, Status(Pages.Version2(Pages.Metadata(("a", $"{Float},\"x\":{deep}")), 0)));
    }

    [Fact]
    public void Name_of_64_KiB_is_invalid_and_not_repeated_in_the_message()
    {
        var reader = new PageReader();

        Assert.Equal(PageStatus.InvalidMetadata, reader.Read(new MemoryPage(Pages.Version2(Pages.Metadata((new string('n', 1 << 16), Float)), 0))));
        Assert.InRange(reader.Detail.Length, 1, 200);
    }

    [Fact]
    public void Foreign_text_is_shown_short_and_on_one_line()
    {
        string foreign = string.Concat(Enumerable.Repeat("x\\n\\u001b[2J", 1000));
        foreach (string key in new[] { "owner", "type", "min", "default", "units", "description", "value_type", "transform" })
        {
            var reader = new PageReader();
            Assert.Equal(PageStatus.InvalidMetadata, reader.Read(new MemoryPage(Pages.Version2(Pages.Metadata(("a", $"\"{key}\":\"{foreign}\"")), 0))));
            Assert.InRange(reader.Detail.Length, 1, 400);
            Assert.DoesNotContain(reader.Detail, char.IsControl);
        }
    }

    [Fact]
    public void Memory_for_one_read_is_bounded_whatever_the_page_promises()
    {
        byte[] promising = [.. Version2];
        Pages.BigEndian((uint)PageReader.MaxMetadataBytes).CopyTo(promising, 31 + 2 * 8);
        byte[] manySources = [.. Version2];
        Pages.BigEndian(PageReader.MaxSources).CopyTo(manySources, 19);
        byte[] longVersion1 = [.. Version1];
        Pages.Bytes("01000000").CopyTo(longVersion1, 12);
        byte[] longVersion3 = [.. Version3];
        Pages.BigEndian((uint)PageReader.MaxMetadataBytes).CopyTo(longVersion3, 24);
        foreach (byte[] start in new[] { promising, manySources, longVersion1, longVersion3, Version3, Version2, Version1 })
        {
            var reader = new PageReader();
            long before = GC.GetAllocatedBytesForCurrentThread();

            var status = reader.Read(new SparsePage(start, 10L << 30));

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MostBytesOfOneRead);
            Assert.True(status is PageStatus.Ok or PageStatus.InvalidChecksum or PageStatus.InvalidMetadataChecksum, $"{status}");
        }
    }

    [Fact]
    public void Page_that_promises_long_metadata_at_every_tick_is_read_into_the_same_memory()
    {
        const int Ticks = 20;
        byte[] longVersion2 = [.. Version2];
        Pages.BigEndian((uint)PageReader.MaxMetadataBytes).CopyTo(longVersion2, 31 + 2 * 8);
        byte[] longVersion1 = [.. Version1];
        Pages.Bytes("01000000").CopyTo(longVersion1, 12);
        byte[] longVersion3 = [.. Version3];
        Pages.BigEndian((uint)PageReader.MaxMetadataBytes).CopyTo(longVersion3, 24);
        foreach (byte[] start in new[] { longVersion2, longVersion1, longVersion3 })
        {
            var reader = new PageReader();
            long before = GC.GetAllocatedBytesForCurrentThread();

            for (int tick = 0; tick < Ticks; tick++)
            {
                reader.Read(new SparsePage(start, 10L << 30));
            }

            // A collection may take the memory away now and then.
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Ticks / 4 * (long)PageReader.MaxMetadataBytes);
        }
    }

    [Fact]
    public void Page_that_cannot_be_read_says_why()
    {
        var reader = new PageReader();

        Assert.Equal(PageStatus.ReadFailed, reader.Read(new MemoryPage(Version2) { BeforeRead = _ => throw new IOException("gone") }));
        Assert.Equal("gone", reader.Detail);
        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Version2)));
        Assert.Empty(reader.Detail);
    }

    private static PageStatus Status(byte[] page) => new PageReader().Read(new MemoryPage(page));

    /// <summary>A start, and zeros up to a length.</summary>
    private sealed class SparsePage(byte[] start, long length) : IPageSource
    {
        public int Read(long offset, Span<byte> buffer)
        {
            buffer = buffer[..(int)Math.Min(buffer.Length, Math.Max(0, length - offset))];
            buffer.Clear();
            if (offset < start.Length)
            {
                var rest = start.AsSpan((int)offset);
                rest[..Math.Min(rest.Length, buffer.Length)].CopyTo(buffer);
            }
            return buffer.Length;
        }
    }
}
