namespace CollectorAgent.Protocol.Tests;

/// <summary>CA-396751: pages caught while they are written. What is accepted is one sample or the other, never parts of both.</summary>
public sealed class TornPageTests
{
    private const int HeaderBytes = 31;

    private static readonly ReportedSource[] TwoSources = [new("a"), new("b") { IsInteger = true }];
    private static readonly ReportedSource[] OtherTwo = [new("c") { IsInteger = true }, new("d")];
    private static readonly ReportedSource[] Three = [new("a"), new("x"), new("b") { IsInteger = true }];

    private static readonly byte[] Old = PageWriter.Version2(Pages.Time, TwoSources, [11, 12]);

    public static TheoryData<string, byte[]> Changes => new()
    {
        { "values", PageWriter.Version2(Pages.Time + 5, TwoSources, [21, 22]) },
        { "data sources", PageWriter.Version2(Pages.Time + 5, OtherTwo, [21, 22]) },
        { "more data sources", PageWriter.Version2(Pages.Time + 5, Three, [21, 22, 23]) },
        { "fewer data sources", PageWriter.Version2(Pages.Time + 5, TwoSources[..1], [21]) },
        { "version", PageWriter.Version1(Pages.Time + 5, TwoSources, [21, 22]) },
        { "version 3", Pages.Version3((long)Pages.Time + 5, "a 21\nb{c=\"d\"} 22\n# EOF") },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Writer_stopped_after_any_byte_leaves_no_mix(string what, byte[] page)
    {
        foreach (int[] order in new[] { HeaderFirst(page), DataFirst(page), ChecksumLast(page) })
        {
            AssertNoMix(what, Old, page, order);
            AssertNoMix(what, page, Old, [.. order.Where(i => i < Old.Length), .. Enumerable.Range(0, Old.Length).Except(order)]);
        }
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void Page_that_changes_between_two_reads_gives_no_mix(string what, byte[] page)
    {
        for (int read = 1; read < 4; read++)
        {
            var source = ChangingPage(Old, page, read);
            var reader = new PageReader();
            AssertOneOf(what, reader, reader.Read(source), Old, page);
        }
    }

    [Fact]
    public void Page_caught_while_written_is_looked_at_again_at_once()
    {
        byte[] next = PageWriter.Version2(Pages.Time + 5, OtherTwo, [21, 22]);
        byte[] torn = [.. next[..40], .. Old[40..]];
        var source = ChangingPage(torn, next, 1);
        var reader = new PageReader();

        Assert.Equal(PageStatus.Ok, reader.Read(source));
        Assert.Equal([21, 22], reader.Values.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Page_cut_off_between_two_reads_is_truncated_or_whole(int read)
    {
        for (int length = 0; length < Old.Length; length++)
        {
            var source = ChangingPage(Old, Old[..length], read);
            var reader = new PageReader();
            var status = reader.Read(source);
            Assert.True(status is PageStatus.Ok or PageStatus.Truncated, $"{length}: {status}");
        }
    }

    private static MemoryPage ChangingPage(byte[] before, byte[] after, int read)
    {
        MemoryPage? page = null;
        page = new MemoryPage(before)
        {
            BeforeRead = number => page!.Content = number >= read ? after : before,
        };
        return page;
    }

    private static void AssertNoMix(string what, byte[] old, byte[] next, int[] order)
    {
        byte[] content = [.. old, .. new byte[Math.Max(0, next.Length - old.Length)]];
        var source = new MemoryPage(content);
        var fresh = new PageReader();
        var following = new PageReader();
        following.Read(new MemoryPage(old));
        foreach (int place in order)
        {
            content[place] = next[place];
            AssertOneOf($"{what}, byte {place}", new PageReader(), null, old, next, source);
            AssertOneOf($"{what}, byte {place}", fresh, null, old, next, source);
            AssertOneOf($"{what}, byte {place}", following, null, old, next, source);
        }
        Assert.Equal(next, content[..next.Length]);
        Assert.True(following.Read(source) is PageStatus.Ok or PageStatus.Unchanged);
        Assert.Equal(Show(Read(next)), Show(following));
        Assert.Equal(Show(Read(next)), Show(fresh));
    }

    private static void AssertOneOf(string what, PageReader reader, PageStatus? status, byte[] one, byte[] other, IPageSource? source = null)
    {
        status ??= reader.Read(source!);
        if (reader.Version != 0)
        {
            string shown = Show(reader);
            Assert.True(shown == Show(Read(one)) || shown == Show(Read(other)), $"{what}: {status}, {shown}");
        }
        else
        {
            Assert.NotEqual(PageStatus.Ok, status);
            Assert.NotEqual(PageStatus.Unchanged, status);
        }
    }

    private static PageReader Read(byte[] page)
    {
        var reader = new PageReader();
        Assert.Equal(PageStatus.Ok, reader.Read(new MemoryPage(page)));
        return reader;
    }

    private static string Show(PageReader reader) =>
        $"{reader.Timestamp} {string.Join(' ', reader.Sources)} {string.Join(' ', reader.Values.ToArray())}";

    private static int[] HeaderFirst(byte[] page) => [.. Enumerable.Range(0, page.Length)];

    private static int[] DataFirst(byte[] page) => [.. Enumerable.Range(HeaderBytes, page.Length - HeaderBytes), .. Enumerable.Range(0, HeaderBytes)];

    /// <summary>All in order but the data checksum, which comes last.</summary>
    private static int[] ChecksumLast(byte[] page) =>
        [.. Enumerable.Range(0, page.Length).Where(i => i is < 11 or >= 15), 11, 12, 13, 14];
}
