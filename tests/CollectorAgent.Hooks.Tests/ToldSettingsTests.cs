using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Hooks.Tests;

/// <summary>The file of what a toolstack said once, when somebody else has written it.</summary>
public sealed class ToldSettingsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-told-");

    private string FilePath => Path.Combine(_folder.FullName, "toolstack.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("--help; reboot")]
    [InlineData("")]
    [InlineData("../sr")]
    public async Task Sr_that_no_toolstack_could_have_named_is_forgotten(string cacheSr)
    {
        await File.WriteAllTextAsync(FilePath, $$"""{"use_min_max":true,"cache_sr":"{{cacheSr}}"}""");

        Assert.Equal(new ToldValues(), Read().Values);
    }

    [Fact]
    public async Task Sr_with_a_name_as_a_toolstack_gives_it_is_known_again()
    {
        await File.WriteAllTextAsync(FilePath, """{"use_min_max":true,"cache_sr":"5b7a1c1e-0000-4000-8000-000000000001"}""");

        Assert.Equal(new ToldValues { UseMinMax = true, CacheSr = "5b7a1c1e-0000-4000-8000-000000000001" }, Read().Values);
    }

    private ToldSettings Read() => new(FilePath, NullLogger<ToldSettings>.Instance);
}
