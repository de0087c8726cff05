namespace CollectorAgent.Protocol.Tests;

/// <summary>The damaged pages in tests/badpages. Each mended bug adds one, and its line in expected.txt.</summary>
public sealed class BadPageTests
{
    private static readonly string Folder = Path.Combine(Python.Repository, "tests", "badpages");

    private static IEnumerable<string[]> Table => File.ReadLines(Path.Combine(Folder, "expected.txt"))
        .Where(l => !l.StartsWith('#'))
        .Select(l => l.Split(" | "));

    public static IEnumerable<object[]> Expected => Table.Select(r => new object[] { r[0], Enum.Parse<PageStatus>(r[1]) });

    [Theory]
    [MemberData(nameof(Expected))]
    public void Damaged_page_gives_its_status(string file, PageStatus status) =>
        Assert.Equal(status, new PageReader().Read(new MemoryPage(File.ReadAllBytes(Path.Combine(Folder, file)))));

    [Fact]
    public void Every_damaged_page_is_in_the_table() => Assert.Equal(
        Directory.EnumerateFiles(Folder, "*.page").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal),
        Table.Select(r => r[0]).Order(StringComparer.Ordinal));
}
