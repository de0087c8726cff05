using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using CollectorAgent.Protocol;

namespace CollectorAgent.PluginHost.Tests;

/// <summary>Real hosts with real assemblies.</summary>
public sealed class AssemblyPluginTests : IDisposable
{
    private readonly HostProcess _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Plugin_is_given_its_context_and_disposed_of_at_the_end()
    {
        var page = await _host.WithAssembly("FirstPlugin", "some", "arguments").Start().PageAsync();

        Assert.Equal(new() { ["host p_plugin"] = 2, ["host answer"] = 1 }, Values.Of(page));
        Assert.Equal("collected", await _host.SaysAsync("collected"));
        Assert.Equal(0, await _host.TerminateAsync());
        Assert.Equal("disposed of", await _host.SaysAsync("disposed"));
        Assert.False(File.Exists(_host.Page));
    }

    [Fact]
    public async Task Plugin_ends_with_its_lifeline()
    {
        await _host.WithAssembly("SecondPlugin").Start().PageAsync();

        _host.CloseLifeline();

        Assert.Equal(0, (await _host.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Page_has_the_name_that_the_manifest_says()
    {
        _host.WithAssembly("SecondPlugin").WithManifest("""{"name":"other","assembly":"SecondPlugin.dll","pages":["p"]}""").Start();

        Assert.Equal(new() { ["host answer"] = 2 }, Values.Of(await _host.PageAsync()));
    }

    [Fact]
    public async Task Assembly_can_be_written_over_while_it_runs()
    {
        var page = await _host.WithAssembly("FirstPlugin").Start().PageAsync();
        double time = page.Timestamp;
        Assert.DoesNotContain(_host.Folder, await File.ReadAllTextAsync($"/proc/{_host.Pid}/maps"), StringComparison.Ordinal);

        foreach (string file in Directory.EnumerateFiles(_host.Folder, "*.dll"))
        {
            using var open = File.OpenWrite(file);
            open.SetLength(0);
        }

        // Without an agent samples follow each other at a second.
        page = await _host.PageAsync(p => p.Timestamp > time);
        Assert.Equal(1, Values.Of(page)["host answer"]);
    }

    [Fact]
    public async Task Native_library_in_the_folder_is_found()
    {
        string math = Path.Combine(_host.WithAssembly("FirstPlugin", "native").Folder, "libprivatemath.so");
        File.Copy(NativeLibrary(), math);

        Assert.Equal("cosine 1", await _host.Start().SaysAsync("cosine"));
        Assert.Contains(math, await File.ReadAllTextAsync($"/proc/{_host.Pid}/maps"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Crash_of_the_plugin_is_told_with_its_stack()
    {
        var (code, errors) = await _host.WithAssembly("FirstPlugin", "crash").Start().EndAsync();

        Assert.Equal(1, code);
        Assert.Contains("System.InvalidOperationException: a bug of its own", errors, StringComparison.Ordinal);
        Assert.Matches(@"at FirstPlugin\.Stats\.Collect\(SampleBatch batch\) in .*Stats\.cs:line \d+", errors);
        Assert.False(File.Exists(_host.Page));
    }

    [Fact]
    public async Task File_that_the_plugin_misses_costs_a_sample_only()
    {
        _host.WithAssembly("FirstPlugin", "no-file").Start();

        Assert.Equal("no sample: nothing to read", await _host.ComplainsAsync("no sample"));
        Assert.Equal(0, await _host.TerminateAsync());
    }

    [Fact]
    public Task Missing_dependency_is_named() => FailsAsync(
        "FirstPlugin.dll: it needs PrivateDependency 1.0.0.0, which is neither in its folder nor part of .NET",
        _ => File.Delete(Path.Combine(_host.WithAssembly("FirstPlugin").Folder, "PrivateDependency.dll")));

    [Fact]
    public Task Dependency_of_another_version_is_named() => FailsAsync(
        "FirstPlugin.dll: it does not fit what it is loaded with",
        _ => File.Copy(
            Path.Combine(PluginFixture.Folder("SecondPlugin"), "PrivateDependency.dll"),
            Path.Combine(_host.WithAssembly("FirstPlugin").Folder, "PrivateDependency.dll"),
            overwrite: true));

    [Fact]
    public Task Missing_native_library_is_named() => FailsAsync(
        "FirstPlugin.dll: it needs a native library that cannot be loaded: Unable to load shared library 'privatemath'", _ => _host.WithAssembly("FirstPlugin", "native"));

    [Fact]
    public Task Assembly_without_a_plugin_is_refused() => FailsAsync(
        "p.dll has no public class that implements CollectorAgent.Sdk.IStatsPlugin",
        dll => File.Copy(PluginFixture.Dll("Dependency1").Replace("Dependency1.dll", "PrivateDependency.dll", StringComparison.Ordinal), dll));

    [Fact]
    public Task Assembly_with_two_plugins_is_refused() => FailsAsync(
        "TwoPlugins.dll has 2 public classes that implement CollectorAgent.Sdk.IStatsPlugin, TwoPlugins.One, TwoPlugins.Other",
        _ => _host.WithAssembly("TwoPlugins"));

    [Fact]
    public Task Constructor_that_takes_something_else_is_refused() => FailsAsync(
        "OddPlugin.dll: OddPlugin.Stats has no public constructor that takes nothing or one CollectorAgent.Sdk.PluginContext",
        _ => _host.WithAssembly("OddPlugin"));

    [Fact]
    public Task Text_is_no_assembly() => FailsAsync("p.dll: it is no .NET assembly", dll => File.WriteAllText(dll, "no assembly"));

    [Fact]
    public Task Native_library_is_no_assembly() => FailsAsync("p.dll: it is no .NET assembly", dll => File.Copy(NativeLibrary(), dll));

    [Fact]
    public Task Assembly_for_another_processor_is_refused() => FailsAsync("p.dll: it is built for", dll =>
    {
        byte[] image = File.ReadAllBytes(PluginFixture.Dll("SecondPlugin"));
        int coff = BitConverter.ToInt32(image, 0x3c) + 4;
        Machine other = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? Machine.Arm64 : Machine.Amd64;
        BitConverter.TryWriteBytes(image.AsSpan(coff), (ushort)other);
        File.WriteAllBytes(dll, image);
    });

    [Fact]
    public Task Newer_sdk_is_named() => FailsAsync(
        "p.dll is built with version 99.", dll => File.WriteAllBytes(dll, WithReference(PluginFixture.Dll("SecondPlugin"), "CollectorAgent.Sdk")));

    [Fact]
    public Task Newer_framework_is_named() => FailsAsync(
        "p.dll is built for .NET 99.0; this host runs .NET", dll => File.WriteAllBytes(dll, WithReference(PluginFixture.Dll("SecondPlugin"), "System.Runtime")));

    [Fact]
    public Task Damaged_list_of_dependencies_is_named() => FailsAsync(
        "Failed to parse file", _ => File.WriteAllText(Path.Combine(_host.WithAssembly("FirstPlugin").Folder, "FirstPlugin.deps.json"), "{"));

    [Fact]
    public Task Missing_assembly_is_named() => FailsAsync("there is no file p.dll in", _ => { });

    [Fact]
    public Task Two_pages_are_refused() => FailsAsync(
        "'pages' of plugin.json names 2 pages", _ => _host.WithManifest("""{"name":"p","assembly":"p.dll","pages":["p","q"]}"""));

    [Fact]
    public Task Wrong_manifest_is_named() => FailsAsync("plugin.json: line 1: 'assemblies' is not known", _ => _host.WithManifest(
        """{"name":"p","assembly":"p.dll","assemblies":["p.dll"]}"""));

    [Fact]
    public Task Executable_is_not_for_a_host() => FailsAsync(
        "an executable that writes its page itself", _ => _host.WithManifest("""{"name":"p","executable":"p.dll"}"""));

    [Theory]
    [InlineData]
    [InlineData("one", "other")]
    public async Task Wrong_use_is_told(params string[] arguments)
    {
        var (code, errors) = await _host.StartWith(arguments).EndAsync();

        Assert.Equal(2, code);
        Assert.StartsWith("usage: collector-plugin-host FOLDER", errors, StringComparison.Ordinal);
    }

    /// <summary>A host cannot load what is put at p.dll, and says so without a stack.</summary>
    private async Task FailsAsync(string sentence, Action<string> prepare)
    {
        _host.WithManifest("""{"name":"p","assembly":"p.dll"}""");
        prepare(Path.Combine(_host.Folder, "p.dll"));

        var (code, errors) = await _host.Start().EndAsync();

        Assert.Contains(sentence, errors, StringComparison.Ordinal);
        Assert.Equal(PluginExitCode.Misconfigured, code);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(_host.Page));
    }

    /// <summary>The mathematics of the C library, wherever it lies.</summary>
    private static string NativeLibrary() => File.ReadLines("/proc/self/maps")
        .Select(l => l[(l.IndexOf('/') + 1)..])
        .Where(l => l.EndsWith("/libm.so.6", StringComparison.Ordinal))
        .Select(l => "/" + l)
        .First();

    /// <summary>An assembly that refers to version 99 of another.</summary>
    private static byte[] WithReference(string path, string name)
    {
        byte[] image = File.ReadAllBytes(path);
        using var pe = new PEReader(new MemoryStream(image));
        var metadata = pe.GetMetadataReader();
        var reference = metadata.AssemblyReferences.First(r => metadata.GetString(metadata.GetAssemblyReference(r).Name) == name);
        int row = metadata.GetTableMetadataOffset(TableIndex.AssemblyRef)
            + (MetadataTokens.GetRowNumber(reference) - 1) * metadata.GetTableRowSize(TableIndex.AssemblyRef);
        BitConverter.TryWriteBytes(image.AsSpan(pe.PEHeaders.MetadataStartOffset + row), (ushort)99);
        return image;
    }
}
