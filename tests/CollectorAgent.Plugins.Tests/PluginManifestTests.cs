namespace CollectorAgent.Plugins.Tests;

public sealed class PluginManifestTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-manifest-");

    public PluginManifestTests()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "run"), "");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Manifest_names_a_program_in_its_folder()
    {
        var manifest = Read("""{ "name": "p", "version": "1.2", "executable": "run", "arguments": ["-v"], "later": {} }""");

        Assert.Equal(("p", "1.2", Path.Combine(_folder.FullName, "run")), (manifest.Name, manifest.Version, manifest.Executable));
        Assert.Equal(["-v"], manifest.Arguments);
    }

    [Theory]
    [InlineData("""{ "executable": "run" }""", "'name' is missing")]
    [InlineData("""{ "name": "../p", "executable": "run" }""", "'name' is missing or wrong")]
    [InlineData("""{ "name": "p" }""", "'executable' is missing")]
    [InlineData("""{ "name": "p", "executable": "/bin/sh" }""", "is outside the folder")]
    [InlineData("""{ "name": "p", "executable": "../run" }""", "is outside the folder")]
    [InlineData("""{ "name": "p", "executable": "walk" }""", "there is no executable walk")]
    [InlineData("""{ "name": "p", """, "plugin.json")]
    [InlineData("null", "null is no manifest")]
    [InlineData("""{ "name": ["p"], "executable": "run" }""", "plugin.json")]
    public void Wrong_manifest_is_refused_with_what_is_wrong(string json, string expected)
    {
        var e = Assert.Throws<PluginProtocolException>(() => Read(json));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.FullName, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Manifest_without_end_is_refused()
    {
        Assert.Contains("longer than", Assert.Throws<PluginProtocolException>(() => Read(new string(' ', 100_000))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_without_manifest_is_refused()
    {
        Assert.Contains("plugin.json", Assert.Throws<PluginProtocolException>(() => PluginManifest.Read(_folder.FullName)).Message, StringComparison.Ordinal);
    }

    private PluginManifest Read(string json)
    {
        File.WriteAllText(Path.Combine(_folder.FullName, PluginManifest.FileName), json);
        return PluginManifest.Read(_folder.FullName);
    }
}
