namespace CollectorAgent.Protocol.Tests;

/// <summary>OpenMetrics in a page.</summary>
public sealed class Version3PageTests
{
    private const long Time = 1_700_000_000;
    private const string Text = "# TYPE a counter\na_total{b=\"c\"} 7\n# TYPE i info\ni_info 1\n# EOF\n";

    [Fact]
    public void Text_and_protobuf_are_told_apart_by_the_first_byte()
    {
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Pages.Version3(Time, Text))));
        Assert.Equal((3, Time), (reader.Version, reader.Timestamp));
        Assert.Equal(["a_total{b=c}"], reader.Sources.Select(s => s.Name));
        Assert.Equal([Pages.Bits(7)], reader.Values.ToArray());
        Assert.Equal(["family i: info has no number"], reader.LeftOut);

        byte[] message = OpenMetricsProtobufTests.Family("d", 1, OpenMetricsProtobufTests.Metric([], OpenMetricsProtobufTests.Bytes(2,
            OpenMetricsProtobufTests.Double(1, 5))));
        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Pages.Version3(Time + 5, message))));
        Assert.Equal(["d"], reader.Sources.Select(s => s.Name));
        Assert.Equal([Pages.Bits(5)], reader.Values.ToArray());
        Assert.Empty(reader.LeftOut);

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Pages.Version3(Time + 10, ""))));
        Assert.Empty(reader.Sources);
        Assert.Equal(0, reader.Values.Length);
    }

    [Fact]
    public void Same_checksum_or_same_time_stamp_is_no_new_sample()
    {
        var reader = new PageReader();
        var page = new MemoryPage(Pages.Version3(Time, "a 1\n# EOF"));
        Assert.Equal(PageStatus.Ok, reader.Read(page));
        int reads = page.Reads;

        Assert.Equal(PageStatus.Unchanged, reader.Read(page));
        Assert.Equal(1, page.Reads - reads);

        page.Content = Pages.Version3(Time, "a 2\n# EOF");
        Assert.Equal(PageStatus.Unchanged, reader.Read(page));
        Assert.Equal([Pages.Bits(1)], reader.Values.ToArray());

        page.Content = Pages.Version3(Time + 5, "a 1\n# EOF");
        byte[] checksum = page.Content[12..16];
        Assert.Equal(PageStatus.Ok, reader.Read(page));
        page.Content = Pages.Version3(Time + 10, "a 3\n# EOF");
        checksum.CopyTo(page.Content, 12);
        Assert.Equal(PageStatus.Unchanged, reader.Read(page));
        Assert.Equal(Time + 5, reader.Timestamp);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MaxValue / 1000 * 2)]
    public void Time_stamp_that_is_no_time_is_refused(long timestamp) =>
        Assert.Equal(PageStatus.InvalidTimestamp, new PageReader().Read(new MemoryPage(Pages.Version3(timestamp, Text))));

    [Fact]
    public void Checksum_is_of_time_stamp_length_and_payload()
    {
        byte[] page = Pages.Version3(Time, Text);
        for (int place = 12; place < page.Length; place++)
        {
            byte[] damaged = [.. page];
            damaged[place] ^= 1;
            var status = new PageReader().Read(new MemoryPage(damaged));
            Assert.True(status is PageStatus.InvalidChecksum or PageStatus.Truncated or PageStatus.MetadataTooLong, $"{place}: {status}");
        }
    }

    [Fact]
    public void Broken_payload_leaves_the_last_sample_and_is_read_once()
    {
        var reader = new PageReader();
        reader.Read(new MemoryPage(Pages.Version3(Time, Text)));
        var (sources, leftOut) = (reader.Sources, reader.LeftOut);
        var broken = new MemoryPage(Pages.Version3(Time + 5, "a 1\n"));

        Assert.Equal(PageStatus.InvalidMetadata, reader.Read(broken));
        Assert.Equal("no '# EOF' at the end", reader.Detail);
        int reads = broken.Reads;
        Assert.Equal(PageStatus.InvalidMetadata, reader.Read(broken));
        Assert.Equal("no '# EOF' at the end", reader.Detail);
        Assert.Equal(1, broken.Reads - reads);

        Assert.Same(sources, reader.Sources);
        Assert.Same(leftOut, reader.LeftOut);
        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Pages.Version3(Time + 10, Text))));
        Assert.Empty(reader.Detail);
    }

    [Fact]
    public void Reader_follows_a_page_from_any_version_to_any_other()
    {
        var one = new ReportedSource("a") { Type = ReportedType.Gauge, IsDefault = true };
        Func<int, byte[]>[] versions =
        [
            t => PageWriter.Version1(Time + t, [one], [Pages.Bits(t)]),
            t => PageWriter.Version2(Time + t, [one], [Pages.Bits(t)]),
            t => Pages.Version3(Time + t, $"a {t}\n# TYPE i info\ni 1\n# EOF"),
        ];
        var reader = new PageReader();
        int time = 0;
        foreach (int version in new[] { 1, 3, 1, 2, 3, 3, 2, 1 })
        {
            var page = new MemoryPage(versions[version - 1](++time));

            Assert.Equal(PageStatus.Ok, reader.Read(page));
            Assert.Equal(version, reader.Version);
            Assert.Equal([one], reader.Sources);
            Assert.Equal([Pages.Bits(time)], reader.Values.ToArray());
            Assert.Equal(version == 3 ? 1 : 0, reader.LeftOut.Count);
            Assert.Equal(PageStatus.Unchanged, reader.Read(page));
        }
    }

    [Fact]
    public void Same_families_and_labels_are_the_same_data_sources_and_allocate_nothing()
    {
        static string Sample(int t) => "# HELP a_s Said.\n# UNIT a_s s\n# TYPE a_s counter\n"
            + string.Concat(Enumerable.Range(0, 300).Select(i =>
                $"a_s_total{{i=\"{i}:μ\",owner=\"vm 5b7a1c1e-0000-4000-8000-{i:x12}\"}} {t + i}\n"))
            + "# TYPE i info\ni_info 1\n# TYPE h histogram\nh_bucket 1\n# EOF\n";
        byte[][] pages = [.. Enumerable.Range(0, 20).Select(t => Pages.Version3(Time + t, Sample(t)))];
        var page = new MemoryPage(pages[0]);
        var reader = new PageReader();
        reader.Read(page);
        var (sources, leftOut) = (reader.Sources, reader.LeftOut);
        page.Content = pages[1];
        reader.Read(page);

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool areOk = true;
        foreach (byte[] content in pages.AsSpan(2))
        {
            page.Content = content;
            areOk &= reader.Read(page) == PageStatus.Ok && reader.Read(page) == PageStatus.Unchanged;
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(areOk);
        Assert.Equal(300, reader.Sources.Count);
        Assert.Equal(2, reader.LeftOut.Count);
        Assert.Same(sources, reader.Sources);
        Assert.Same(leftOut, reader.LeftOut);
        Assert.Equal(Pages.Bits(19 + 299), reader.Values[299]);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Series_that_stands_twice_does_not_make_other_data_sources()
    {
        var reader = new PageReader();
        reader.Read(new MemoryPage(Pages.Version3(Time, "a 1\na 2\nb 3\n# EOF")));
        var sources = reader.Sources;

        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(Pages.Version3(Time + 5, "a 4\na 5\nb 6\n# EOF"))));

        Assert.Same(sources, reader.Sources);
        Assert.Equal([Pages.Bits(4), Pages.Bits(6)], reader.Values.ToArray());
        Assert.Single(reader.LeftOut);
    }

    [Theory]
    [InlineData("b 1\na 1\nc 1\nd 1\n# EOF")]
    [InlineData("a 1\nc 1\nb 1\n# EOF")]
    [InlineData("a 1\nb 1\n# EOF")]
    [InlineData("# EOF")]
    [InlineData("a 1\n# TYPE b counter\nb_total 1\nc 1\n# EOF")]
    [InlineData("a 1\n# TYPE b counter\nb 1\nc 1\n# EOF")]
    [InlineData("a 1\n# HELP b Help.\nb 1\nc 1\n# EOF")]
    [InlineData("a 1\n# UNIT b s\nb 1\nc 1\n# EOF")]
    [InlineData("a 1\nb{owner=\"vm 5b7a1c1e-0000-4000-8000-000000000001\"} 1\nc 1\n# EOF")]
    [InlineData("a 1\nb 1\nc 1\nd 1\n# EOF")]
    [InlineData("a{b=\"\"} 1\nb 1\nb{c=\"\"} 1\nc 1\n# EOF")]
    public void What_changed_reads_as_if_nothing_was_there_before(string changed)
    {
        var following = new PageReader();
        var fresh = new PageReader();
        following.Read(new MemoryPage(Pages.Version3(Time, "a 1\nb 2\nc 3\n# EOF")));
        var page = new MemoryPage(Pages.Version3(Time + 5, changed));

        Assert.Equal(PageStatus.Ok, following.Read(page));
        Assert.Equal(PageStatus.Ok, fresh.Read(page));

        Assert.Equal(fresh.Sources, following.Sources);
        Assert.Equal(fresh.Values.ToArray(), following.Values.ToArray());
        Assert.Equal(fresh.LeftOut, following.LeftOut);
    }
}
