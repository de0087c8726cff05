using CollectorAgent.Protocol;

namespace CollectorAgent.Sdk.Tests;

public sealed class SamplePageTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sample-page-").FullName;
    private readonly ReportedSource _first = new("first") { IsInteger = true };
    private readonly ReportedSource _second = new("second") { IsInteger = true };
    private readonly ReportedSource _third = new("third") { IsInteger = true };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Data_sources_that_came_with_a_sample_that_failed_are_declared_by_the_next()
    {
        string path = Path.Combine(_folder, "page");
        using var page = new SamplePage(path);
        page.Publish(1000, batch => Report(batch, _first, _second));

        Assert.Throws<IOException>(() => page.Publish(1005, batch =>
        {
            Report(batch, _first, _third);
            throw new IOException("a file is gone");
        }));
        page.Publish(1010, batch => Report(batch, _first, _third));

        Assert.Equal(["first", "third"], Names(path));
    }

    [Fact]
    public void A_page_is_removed_with_its_plugin()
    {
        string path = Path.Combine(_folder, "page");
        using (var page = new SamplePage(path))
        {
            page.Publish(1000, batch => Report(batch, _first));
            Assert.Equal(["first"], Names(path));
        }

        Assert.Empty(Directory.GetFiles(_folder));
    }

    private static void Report(SampleBatch batch, params ReportedSource[] sources)
    {
        foreach (var source in sources)
        {
            batch.Report(source, 1L);
        }
    }

    private static IEnumerable<string> Names(string path)
    {
        var reader = new PageReader();
        Assert.Equal(PageStatus.Ok, reader.Read(new PageCopy(File.ReadAllBytes(path))));
        return reader.Sources.Select(source => source.Name);
    }

    private sealed class PageCopy(byte[] bytes) : IPageSource
    {
        public int Read(long offset, Span<byte> buffer)
        {
            var rest = bytes.AsSpan((int)Math.Min(offset, bytes.Length));
            rest = rest[..Math.Min(rest.Length, buffer.Length)];
            rest.CopyTo(buffer);
            return rest.Length;
        }
    }
}
