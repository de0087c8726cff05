namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>The tree that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = TestKit.Repository.PathOf("");

    /// <summary>Compares with a file of tests/golden; UPDATE_GOLDEN=1 writes it instead.</summary>
    public static void AssertGolden(string name, string actual)
    {
        string path = Path.Combine(Root, "tests", "golden", name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }
        Assert.Equal(File.ReadAllText(path), actual);
    }

    /// <summary>The fenced examples of a page of docs/formats.</summary>
    public static string[] Examples(string page)
    {
        string text = File.ReadAllText(Path.Combine(Root, "docs", "formats", page));
        return [.. text.Split("```").Where((_, i) => i % 2 == 1).Select(e => e[(e.IndexOf('\n', StringComparison.Ordinal) + 1)..].TrimEnd('\n'))];
    }
}
