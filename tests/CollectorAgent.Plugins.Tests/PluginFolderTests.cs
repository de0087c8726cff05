using CollectorAgent.Native;
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
    [InlineData("fifo", "a FIFO, a socket or a device")]
    [InlineData("folder", "it is a folder")]
    [InlineData("link", "it is a link")]
    [InlineData("device", "it is a link")]
    [InlineData("dangling", "it is a link")]
    [InlineData("latin1", "not text in UTF-8")]
    [InlineData("surrogate", "has half of a character")]
    public void Manifest_that_is_no_text_file_is_refused(string kind, string expected)
    {
        string path = PathOf(PluginManifest.FileName);
        File.Move(path, PathOf("elsewhere"));
        switch (kind)
        {
            case "fifo":
                using (var make = System.Diagnostics.Process.Start("mkfifo", [path]))
                {
                    make.WaitForExit();
                }
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            case "latin1":
                File.WriteAllBytes(path, [.. "{ \"name\": \"p\", \"executable\": \"run\", \"version\": \""u8, 0xe4, .. "\" }"u8]);
                break;
            case "surrogate":
                File.WriteAllText(path, "{ \"name\": \"p\", \"executable\": \"run\", \"version\": \"\\ud800\" }");
                break;
            default:
                File.CreateSymbolicLink(path, kind == "link" ? PathOf("elsewhere") : kind == "device" ? "/dev/zero" : "/no/where");
                break;
        }

        AssertRefused(expected);
    }

    [Fact]
    public void Program_that_is_no_file_is_refused()
    {
        File.Delete(PathOf("run"));
        using (var make = System.Diagnostics.Process.Start("mkfifo", ["-m", "700", PathOf("run")]))
        {
            make.WaitForExit();
        }

        AssertRefused("run is a FIFO, a socket or a device");
    }

    [Theory]
    [InlineData("#!/bin/sh", null)]
    [InlineData("#! /bin/sh -e", null)]
    [InlineData("#!/usr/bin/env sh", null)]
    [InlineData("#!/usr/bin/env -S sh -e", null)]
    [InlineData("echo x 1", null)]
    [InlineData("", null)]
    [InlineData("#!/bin/sh\r", "run ends its first line, '#!/bin/sh', with a carriage return")]
    [InlineData("#!/usr/bin/pyhton3", "run names /usr/bin/pyhton3 in its first line, which is not on this host")]
    [InlineData("#!/usr/bin/env pyhton3", "run names pyhton3 in its first line, which is not in PATH (")]
    [InlineData("#!sh", "run names 'sh' in its first line; write the whole path")]
    [InlineData("#!", "run names no program behind '#!'")]
    [InlineData("#!/bin", "run names /bin in its first line, which is a folder")]
    [InlineData("#!/etc/passwd", "run names /etc/passwd in its first line, which is not executable")]
    [InlineData("!#/bin/sh", "run does not begin with '#!' but with something like it")]
    [InlineData("\ufeff#!/bin/sh", "run begins with a byte order mark")]
    public void First_line_of_a_script_is_looked_at(string line, string? expected)
    {
        File.WriteAllText(PathOf("run"), line + "\necho x 1\n");

        if (expected is null)
        {
            Assert.Equal(PathOf("run"), PluginFolder.Read(_folder.FullName).Entry);
        }
        else
        {
            AssertRefused(expected);
        }
    }

    [Theory]
    [InlineData("executable", "lib/helper.sh")]
    [InlineData("executable", "lib")]
    [InlineData("assembly", "Dependency.dll")]
    [InlineData("assembly", "lib/native.so")]
    public void Plugin_is_not_started_where_others_can_write_any_of_its_files(string kind, string name)
    {
        Directory.CreateDirectory(PathOf("lib"));
        File.WriteAllText(PathOf("lib/helper.sh"), "");
        File.WriteAllText(PathOf("lib/native.so"), "");
        File.WriteAllText(PathOf("Dependency.dll"), "");
        Write($$"""{ "name": "p", "{{kind}}": "run" }""");
        Assert.Equal("p", PluginFolder.Read(_folder.FullName).Manifest.Name);

        File.SetUnixFileMode(PathOf(name), File.GetUnixFileMode(PathOf(name)) | UnixFileMode.OtherWrite);

        AssertRefused($"{PathOf(name)} can be written by others");
    }

    [RootFact]
    public void Plugin_whose_folder_others_can_replace_is_not_started_by_root()
    {
        const UnixFileMode All = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        string open = Directory.CreateDirectory(PathOf("open")).FullName;
        string real = Directory.CreateDirectory(Path.Combine(open, "real")).FullName;
        File.Copy(PathOf("run"), Path.Combine(real, "run"));
        File.Copy(PathOf(PluginManifest.FileName), Path.Combine(real, PluginManifest.FileName));
        string link = Path.Combine(Directory.CreateDirectory(PathOf("links")).FullName, "p");
        Directory.CreateSymbolicLink(link, real);
        File.SetUnixFileMode(open, All);
        Assert.Equal(Path.Combine(real, "run"), PluginFolder.Read(link).Entry);

        File.SetUnixFileMode(open, All | UnixFileMode.OtherWrite);
        Assert.Contains($"{open} can be written by others", Assert.Throws<PluginProtocolException>(() => PluginFolder.Read(link)).Message, StringComparison.Ordinal);

        File.SetUnixFileMode(open, All | UnixFileMode.OtherWrite | UnixFileMode.StickyBit);
        Assert.Equal("p", PluginFolder.Read(link).Manifest.Name);

        File.SetUnixFileMode(PathOf("links"), All | UnixFileMode.GroupWrite);
        Assert.Contains($"{PathOf("links")} can be written by others", Assert.Throws<PluginProtocolException>(() => PluginFolder.Read(link)).Message, StringComparison.Ordinal);
    }

    [RootFact]
    public void Nothing_of_a_manifest_that_others_own_is_read()
    {
        File.Delete(PathOf(PluginManifest.FileName));
        using (var make = System.Diagnostics.Process.Start("sh", ["-c", $"mkfifo '{PathOf(PluginManifest.FileName)}' && chown nobody '{PathOf(PluginManifest.FileName)}'"]))
        {
            make.WaitForExit();
        }

        AssertRefused($"plugin.json belongs to user {PosixUser.Find("nobody")!.Value.UserId}, who could run programs as the agent");
    }

    [RootFact]
    public void Link_of_an_assembly_that_leads_to_what_others_can_write_is_refused()
    {
        string elsewhere = Directory.CreateTempSubdirectory("ca-elsewhere-").FullName;
        try
        {
            File.WriteAllText(Path.Combine(elsewhere, "D.dll"), "");
            File.CreateSymbolicLink(PathOf("D.dll"), Path.Combine(elsewhere, "D.dll"));
            Write("""{ "name": "p", "assembly": "run" }""");
            Assert.Equal("p", PluginFolder.Read(_folder.FullName).Manifest.Name);

            File.SetUnixFileMode(Path.Combine(elsewhere, "D.dll"), UnixFileMode.UserRead | UnixFileMode.OtherWrite);

            AssertRefused($"{Path.Combine(elsewhere, "D.dll")} can be written by others");
        }
        finally
        {
            Directory.Delete(elsewhere, recursive: true);
        }
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
