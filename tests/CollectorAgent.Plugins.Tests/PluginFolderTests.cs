using CollectorAgent.Protocol;

namespace CollectorAgent.Plugins.Tests;

/// <summary>Plugins as they lie on a real disk.</summary>
public sealed class PluginFolderTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-folder-");

    public PluginFolderTests()
    {
        File.WriteAllText(PathOf("run"), "");
        File.SetUnixFileMode(PathOf("run"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Write("""{ "name": "p", "executable": "run" }""");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Folder_has_a_manifest_and_the_file_it_names()
    {
        var plugin = PluginFolder.Read(_folder.FullName);

        Assert.Equal(("p", PathOf("run"), _folder.FullName), (plugin.Manifest.Name, plugin.Entry, plugin.Path));
    }

    [Fact]
    public void Link_within_the_folder_is_followed()
    {
        File.CreateSymbolicLink(PathOf("walk"), "run");
        Write("""{ "name": "p", "executable": "walk" }""");

        Assert.Equal(PathOf("run"), PluginFolder.Read(_folder.FullName).Entry);
    }

    [Fact]
    public void Link_out_of_the_folder_is_refused()
    {
        File.CreateSymbolicLink(PathOf("walk"), "/bin/sh");
        Write("""{ "name": "p", "executable": "walk" }""");

        AssertRefused("a link that leads out of the folder");
    }

    [Fact]
    public void Linked_folder_on_the_way_out_is_refused()
    {
        Directory.CreateSymbolicLink(PathOf("bin"), "/bin");
        Write("""{ "name": "p", "executable": "bin/sh" }""");

        AssertRefused("a link that leads out of the folder");
    }

    [Fact]
    public void Missing_program_is_said()
    {
        Write("""{ "name": "p", "executable": "walk" }""");

        AssertRefused("there is no file walk");
    }

    [Fact]
    public void Program_that_cannot_be_executed_is_said_but_an_assembly_need_not()
    {
        File.SetUnixFileMode(PathOf("run"), UnixFileMode.UserRead);

        AssertRefused("run is not executable; use chmod +x");
        Write("""{ "name": "p", "assembly": "run" }""");
        Assert.Equal(PathOf("run"), PluginFolder.Read(_folder.FullName).Entry);
    }

    [Fact]
    public void Wrong_manifest_is_said_with_its_path()
    {
        Write("""{ "name": "p" }""");

        AssertRefused("one of 'executable' and 'assembly'");
    }

    [Fact]
    public void Manifest_without_end_is_refused()
    {
        Write(new string(' ', 1_000_000));

        AssertRefused("longer than");
    }

    [Fact]
    public void Folder_without_manifest_is_refused()
    {
        File.Delete(PathOf(PluginManifest.FileName));

        AssertRefused("No such file");
    }

    [Theory]
    [InlineData("run")]
    [InlineData("plugin.json")]
    [InlineData(".")]
    public void What_others_can_write_is_not_started(string name)
    {
        File.SetUnixFileMode(PathOf(name), File.GetUnixFileMode(PathOf(name)) | UnixFileMode.OtherWrite);

        AssertRefused("can be written by others");
    }

    private void AssertRefused(string expected)
    {
        var e = Assert.Throws<PluginProtocolException>(() => PluginFolder.Read(_folder.FullName));

        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.StartsWith(PathOf(PluginManifest.FileName), e.Message, StringComparison.Ordinal);
    }

    private void Write(string manifest) => File.WriteAllText(PathOf(PluginManifest.FileName), manifest);

    private string PathOf(string name) => Path.GetFullPath(name, _folder.FullName);
}
