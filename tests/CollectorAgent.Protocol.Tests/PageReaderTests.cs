using System.Buffers.Binary;

namespace CollectorAgent.Protocol.Tests;

/// <summary>One reader and a page that changes.</summary>
public sealed class PageReaderTests
{
    private const string Float = "\"value_type\":\"float\"";

    private static readonly string OneSource = Pages.Metadata(("a", Float));

    [Fact]
    public void Unchanged_page_is_told_apart_and_keeps_the_sample()
    {
        var page = new MemoryPage(Pages.Version2(OneSource, 7));
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(page));
        Assert.Equal(PageStatus.Unchanged, reader.Read(page));
        Assert.Equal([7], reader.Values.ToArray());

        page.Content = Pages.Version2(Pages.Time + 5, OneSource, 7);
        Assert.Equal(PageStatus.Ok, reader.Read(page));
        Assert.Equal(Pages.Time + 5, reader.Timestamp);
    }

    [Fact]
    public void Anything_but_ok_leaves_the_last_sample_as_it_was()
    {
        var page = new MemoryPage(Pages.Version2(OneSource, 7));
        var reader = new PageReader();
        reader.Read(page);
        var sources = reader.Sources;
        byte[] damaged = Pages.Version2(Pages.Time + 5, Pages.Metadata(("b", Float), ("c", Float)), 8, 9);
        damaged[^1] ^= 1;

        page.Content = damaged;
        Assert.Equal(PageStatus.InvalidMetadataChecksum, reader.Read(page));

        Assert.Same(sources, reader.Sources);
        Assert.Equal([7], reader.Values.ToArray());
        Assert.Equal(Pages.Time, reader.Timestamp);
    }

    [Fact]
    public void Reader_follows_a_page_that_grows_and_shrinks()
    {
        var reader = new PageReader();
        var page = new MemoryPage([]);
        foreach (int count in new[] { 1, 100, 3, PageReader.MaxSources, 0, 17, 16 })
        {
            var sources = Enumerable.Range(0, count).Select(i => new ReportedSource($"s{i}")).ToList();
            long[] values = [.. sources.Select((_, i) => (long)i * count)];
            byte[] content = PageWriter.Version2(Pages.Time + count, sources, values);
            page.Content = [.. content, .. page.Content.Skip(content.Length)];

            Assert.Equal(PageStatus.Ok, reader.Read(page));
            Assert.Equal(sources, reader.Sources);
            Assert.Equal(values, reader.Values.ToArray());
        }
    }

    [Fact]
    public void Reader_follows_a_page_from_one_version_to_the_other()
    {
        var one = new ReportedSource("a") { Type = ReportedType.Gauge };
        var page = new MemoryPage([]);
        var reader = new PageReader();
        for (int i = 0; i < 4; i++)
        {
            page.Content = i % 2 == 0
                ? PageWriter.Version1(Pages.Time + i, [one], [Pages.Bits(i)])
                : PageWriter.Version2(Pages.Time + i, [one], [Pages.Bits(i)]);

            Assert.Equal(PageStatus.Ok, reader.Read(page));
            Assert.Equal(1 + i % 2, reader.Version);
            Assert.Equal([Pages.Bits(i)], reader.Values.ToArray());
            Assert.Equal(PageStatus.Unchanged, reader.Read(page));
        }
    }

    [Fact]
    public void Metadata_seen_before_a_page_of_version_1_is_read_again_after_it()
    {
        var page = new MemoryPage(PageWriter.Version2(Pages.Time, [new("a")], [1]));
        var reader = new PageReader();
        reader.Read(page);
        page.Content = PageWriter.Version1(Pages.Time + 5, [new("b")], [2]);
        reader.Read(page);
        page.Content = PageWriter.Version2(Pages.Time + 10, [new("a")], [3]);

        Assert.Equal(PageStatus.Ok, reader.Read(page));
        Assert.Equal([new ReportedSource("a")], reader.Sources);
    }

    [Fact]
    public void Metadata_seen_before_does_not_do_for_another_number_of_values()
    {
        var reader = new PageReader();
        reader.Read(new MemoryPage(Pages.Version2(OneSource, 1)));

        Assert.Equal(PageStatus.InvalidMetadata, reader.Read(new MemoryPage(Pages.Version2(Pages.Time + 5, OneSource, 1, 2))));
        Assert.Equal(PageStatus.InvalidMetadata, reader.Read(new MemoryPage(Pages.Version2(Pages.Time + 5, OneSource))));
    }

    [Fact]
    public void Values_repeated_in_the_metadata_do_not_make_other_data_sources()
    {
        var reader = new PageReader();
        reader.Read(new MemoryPage(Pages.Version2(Pages.Metadata(("a", Float + ",\"value\":\"1.00\"")), 1)));
        var sources = reader.Sources;

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Pages.Version2(Pages.Time + 5, Pages.Metadata(("a", Float + ",\"value\":\"2.00\"")), 2))));

        Assert.Same(sources, reader.Sources);
        Assert.Equal([2], reader.Values.ToArray());
    }

    [Fact]
    public void Values_of_version_1_do_not_make_other_data_sources()
    {
        var reader = new PageReader();
        reader.Read(new MemoryPage(PageWriter.Version1(Pages.Time, [new("a")], [1])));
        var sources = reader.Sources;

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(PageWriter.Version1(Pages.Time + 5, [new("a")], [2]))));

        Assert.Same(sources, reader.Sources);
    }

    [Fact]
    public void Unchanged_page_of_version_1_is_told_by_its_header()
    {
        var page = new MemoryPage(PageWriter.Version1(Pages.Time, [new("a")], [1]));
        var reader = new PageReader();
        reader.Read(page);
        int reads = page.Reads;

        Assert.Equal(PageStatus.Unchanged, reader.Read(page));
        Assert.Equal(1, page.Reads - reads);
    }

    [Fact]
    public void Equal_texts_of_a_page_are_one_string()
    {
        foreach (byte[] page in OfBothVersions(Described("cpu0", "vm a"), Described("cpu0", "vm b"), Described("cpu1", "vm a")))
        {
            var reader = new PageReader();
            reader.Read(new MemoryPage(page));
            var (first, second, third) = (reader.Sources[0], reader.Sources[1], reader.Sources[2]);

            Assert.Equal(["cpu0", "cpu0", "cpu1"], reader.Sources.Select(s => s.Name));
            Assert.Same(first.Name, second.Name);
            Assert.Same(first.Units, second.Units);
            Assert.Same(first.Description, third.Description);
            Assert.Same(first.Owner.Uuid, third.Owner.Uuid);
        }
    }

    [Fact]
    public void Data_sources_keep_their_strings_when_others_come_and_go()
    {
        byte[][] before = [.. OfBothVersions(Described("a", "vm x"), Described("b", "vm y"))];
        byte[][] after = [.. OfBothVersions(Described("c", "vm z"), Described("a", "vm x"), Described("b", "vm y"))];
        for (int version = 0; version < before.Length; version++)
        {
            var reader = new PageReader();
            reader.Read(new MemoryPage(before[version]));
            var old = reader.Sources;
            reader.Read(new MemoryPage(after[version]));

            Assert.Equal(["c", "a", "b"], reader.Sources.Select(s => s.Name));
            for (int i = 0; i < old.Count; i++)
            {
                Assert.Same(old[i].Name, reader.Sources[i + 1].Name);
                Assert.Same(old[i].Owner.Uuid, reader.Sources[i + 1].Owner.Uuid);
                Assert.Same(old[i].Units, reader.Sources[i + 1].Units);
                Assert.Same(old[i].Description, reader.Sources[i + 1].Description);
            }
        }
    }

    [Theory]
    [InlineData(1_700_000_000L, 1_700_000_000)]
    [InlineData(1L, 1)]
    public void Time_stamp_from_before_October_2024_is_an_integer(long field, double timestamp)
    {
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Pages.Version2(field, Pages.Bytes(OneSource), 7))));
        Assert.Equal(timestamp, reader.Timestamp);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(0.5)]
    [InlineData(1e16)]
    public void Time_stamp_that_is_no_time_is_refused(double timestamp)
    {
        Assert.Equal(PageStatus.InvalidTimestamp, new PageReader().Read(new MemoryPage(Pages.Version2(timestamp, OneSource, 7))));
        string text = double.IsNaN(timestamp) ? "NaN" : timestamp.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(PageStatus.InvalidTimestamp, new PageReader().Read(new MemoryPage(Pages.Version1($"{{\"timestamp\":{text},\"datasources\":{{}}}}"))));
    }

    [Fact]
    public void Version_1_without_a_time_stamp_is_refused() =>
        Assert.Equal(PageStatus.InvalidTimestamp, new PageReader().Read(new MemoryPage(Pages.Version1("{\"datasources\":{}}"))));

    [Fact]
    public void First_sample_is_accepted_even_if_its_checksum_is_0()
    {
        // With 3433670215 behind this time, the checksum of both is 0.
        byte[] page = Pages.Version2(Pages.Time, OneSource, 3433670215);
        Assert.Equal(0u, BinaryPrimitives.ReadUInt32BigEndian(page.AsSpan(11)));
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(page)));
        Assert.Equal(PageStatus.Unchanged, reader.Read(new MemoryPage(page)));
    }

    [Fact]
    public void Page_of_version_2_is_one_even_if_its_checksums_look_like_the_text_of_version_1()
    {
        // A line feed and seven digits, where version 1 has a line feed and eight.
        double timestamp = TimestampWhoseChecksum(crc => crc >> 24 == '\n' && AreDigits(crc & 0xffffff, 3));
        string metadata = Enumerable.Range(0, int.MaxValue)
            .Select(i => Pages.Metadata(("a", $"{Float},\"description\":\"{i}\"")))
            .First(m => AreDigits(Crc32.Compute(Pages.Bytes(m)), 4));
        byte[] page = Pages.Version2(timestamp, metadata, 0);
        Assert.Equal((byte)'\n', page[11]);
        Assert.All(page[12..19], b => Assert.True(char.IsAsciiHexDigit((char)b)));
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(page)));
        Assert.Equal(2, reader.Version);
        Assert.Equal(PageStatus.Unchanged, reader.Read(new MemoryPage(page)));
    }

    [Fact]
    public void Read_of_a_page_with_the_same_metadata_allocates_nothing()
    {
        var sources = Enumerable.Range(0, 300).Select(i => new ReportedSource($"s{i}")).ToList();
        byte[][] pages = [.. Enumerable.Range(0, 100).Select(t => PageWriter.Version2(Pages.Time + t, sources, new long[sources.Count]))];
        var page = new MemoryPage(pages[0]);
        var reader = new PageReader();
        reader.Read(page);
        reader.Read(page);

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool areOk = true;
        foreach (byte[] content in pages.AsSpan(1))
        {
            page.Content = content;
            areOk &= reader.Read(page) == PageStatus.Ok && reader.Read(page) == PageStatus.Unchanged;
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(areOk);
        Assert.Equal(0, allocated);
    }

    /// <summary>Tries times until the checksum of the time and one value of 0 is as wanted.</summary>
    private static double TimestampWhoseChecksum(Func<uint, bool> isWanted)
    {
        Span<byte> data = stackalloc byte[16];
        long first = Pages.Bits(Pages.Time);
        for (long i = 0; ; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(data, first + i);
            if (isWanted(Crc32.Compute(data)))
            {
                return BitConverter.Int64BitsToDouble(first + i);
            }
        }
    }

    private static ReportedSource Described(string name, string owner) => new(name)
    {
        Owner = Owner.TryParse(owner, out var parsed) ? parsed : throw new ArgumentException(owner, nameof(owner)),
        Units = "B/s",
        Description = "Bytes written.",
    };

    private static IEnumerable<byte[]> OfBothVersions(params ReportedSource[] sources) =>
    [
        PageWriter.Version2(Pages.Time + sources.Length, sources, new long[sources.Length]),
        PageWriter.Version1(Pages.Time + sources.Length, sources, new long[sources.Length]),
    ];

    private static bool AreDigits(uint word, int count) =>
        Enumerable.Range(0, count).All(i => char.IsAsciiHexDigit((char)(byte)(word >> (8 * i))));
}
