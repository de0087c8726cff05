using System.Runtime.CompilerServices;

namespace CollectorAgent.Sdk.Tests;

/// <summary>What authors build on does not change unnoticed. UPDATE_GOLDEN=1 rewrites the file: read what changed.</summary>
public sealed class ApiTests
{
    [Fact]
    public void Public_surface_is_that_of_the_golden_file()
    {
        string path = GoldenFile();
        string actual = string.Join('\n', PublicSurface.Lines()) + "\n";
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }

    private static string GoldenFile([CallerFilePath] string thisFile = "") =>
        Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "golden", "sdk-api.txt");
}
