using System.Diagnostics;
using System.Text.RegularExpressions;

namespace CollectorAgent.Architecture.Tests;

/// <summary>What a machine can see of style.</summary>
public sealed class TidyTests
{
    private const int MostLines = 400;
    private const int LongestLine = 160;

    private static IEnumerable<string> ProductFiles => FilesIn("agent", "sdk", "plugins", "toolstack");

    private static IEnumerable<string> CodeFiles => ProductFiles.Concat(FilesIn("tests"));

    private static IEnumerable<string> FilesIn(params string[] folders) =>
        folders
            .Select(f => Path.Combine(Repository.Root, f))
            .Where(Directory.Exists)
            .SelectMany(Repository.SourceFiles);

    [Fact]
    public void No_file_of_the_product_has_more_than_400_lines()
    {
        Assert.Empty(ProductFiles.Where(f => File.ReadLines(f).Count() > MostLines));
    }

    [Fact]
    public void No_line_of_the_product_is_overlong()
    {
        var overlong = ProductFiles.SelectMany(f => File.ReadLines(f).Index()
            .Where(l => l.Item.Length > LongestLine)
            .Select(l => $"{Path.GetRelativePath(Repository.Root, f)}:{l.Index + 1}"));

        Assert.Empty(overlong);
    }

    [Fact]
    public void No_reminder_and_no_region_is_left_in_the_code()
    {
        string[] leftovers = ["TO" + "DO", "FIX" + "ME", "#reg" + "ion", "NotImplemented" + "Exception"];

        Assert.Empty(CodeFiles.Where(f => leftovers.Any(w => File.ReadAllText(f).Contains(w, StringComparison.Ordinal))));
    }

    [Fact]
    public void Every_document_has_a_title_and_is_linked_from_another()
    {
        string docs = Path.Combine(Repository.Root, "docs");
        var pages = Directory.EnumerateFiles(docs, "*.md", SearchOption.AllDirectories).ToList();
        string all = string.Concat(pages.Append(Path.Combine(Repository.Root, "README.md")).Select(File.ReadAllText));

        Assert.Empty(pages.Where(p => !File.ReadLines(p).First().StartsWith("# ", StringComparison.Ordinal)));
        Assert.Empty(pages.Where(p => !all.Contains(Path.GetFileName(p), StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_link_of_a_document_leads_to_a_file()
    {
        var pages = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "README.md"));

        var dead = pages.SelectMany(p => Regex.Matches(File.ReadAllText(p), @"\]\(([^)#:]+)\)")
            .Select(m => Path.GetFullPath(m.Groups[1].Value, Path.GetDirectoryName(p)!))
            .Where(target => !File.Exists(target))
            .Select(target => $"{Path.GetFileName(p)}: {target}"));

        Assert.Empty(dead);
    }

    [Fact]
    public void Build_output_is_not_under_version_control()
    {
        var start = new ProcessStartInfo("git", ["-C", Repository.Root, "ls-files"]) { RedirectStandardOutput = true };
        using var git = Process.Start(start)!;
        string files = git.StandardOutput.ReadToEnd();
        git.WaitForExit();

        Assert.DoesNotContain("artifacts/", files, StringComparison.Ordinal);
    }
}
