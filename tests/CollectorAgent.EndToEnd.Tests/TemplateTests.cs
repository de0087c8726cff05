using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using CollectorAgent.TestKit;
using Xunit.Abstractions;

namespace CollectorAgent.EndToEnd.Tests;

/// <summary>The way of a vendor, from the packages to a value.</summary>
public sealed class TemplateTests(ITestOutputHelper output)
{
    private static string Configuration => Path.GetFileName(Path.GetDirectoryName(typeof(TemplateTests).Assembly.Location))!;

    [Fact]
    public async Task Plugins_made_from_the_template_are_recorded()
    {
        using var folder = new TemporaryFolder();
        string feed = Path.Combine(folder.Path, "feed");
        string hive = Path.Combine(folder.Path, "hive");
        string plugins = Directory.CreateDirectory(Path.Combine(folder.Path, "plugins.d")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "nuget.config"),
            $"""
            <configuration>
              <packageSources><clear/><add key="feed" value="feed"/></packageSources>
              <fallbackPackageFolders><add key="restored" value="{Restored}"/></fallbackPackageFolders>
            </configuration>
            """);
        foreach (string project in new[] { "CollectorAgent.Sdk", "templates" })
        {
            await DotnetAsync(folder.Path, "pack", Path.Combine(Sdk(), project), "--no-build", "-c", Configuration, "-o", feed);
        }
        await DotnetAsync(folder.Path, "new", "install", Directory.GetFiles(feed, "CollectorAgent.Templates.*").Single(), "--debug:custom-hive", hive);
        using var agent = await AgentProcess.StartAsync(Path.Combine(folder.Path, "root"), "--listen", "none", "--plugins", plugins);

        foreach (string kind in new[] { "assembly", "executable" })
        {
            long began = TimeProvider.System.GetTimestamp();
            string name = "Vendor.An-" + kind;
            await DotnetAsync(folder.Path, "new", "collector-plugin", "-n", name, "--kind", kind, "--debug:custom-hive", hive);
            await DotnetAsync(folder.Path, "build", name, "-o", Path.Combine(plugins, kind), "-warnaserror", "-p:UseSharedCompilation=false");
            long built = TimeProvider.System.GetTimestamp();

            var updates = await agent.UntilAsync(Updates.Path, u => Updates.Known(u, $"vendor_an_{kind}_free").Length > 0);

            Assert.InRange(Updates.Known(updates, $"vendor_an_{kind}_free")[0], 1, 1L << 62);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind}: from dotnet new to a value {Seconds(began):F1} s, from its build on {Seconds(built):F1} s"));
        }
        Assert.Empty(Directory.GetFiles(Path.Combine(plugins, "assembly"), "CollectorAgent.*"));
        Assert.Equal(0, await agent.EndAsync("TERM"));
    }

    /// <summary>Where this solution's own packages are: the SDK depends on one of them.</summary>
    private static string Restored => Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget/packages");

    private static double Seconds(long since) => TimeProvider.System.GetElapsedTime(since).TotalSeconds;

    /// <summary>Leaves nothing behind: no package in the user's folder, no server.</summary>
    private static async Task DotnetAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string inherited in start.Environment.Keys.Where(k => k.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            start.Environment.Remove(inherited);
        }
        start.Environment["NUGET_PACKAGES"] = Path.Combine(folder, "packages");
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        using var dotnet = Process.Start(start)!;
        var said = Task.WhenAll(dotnet.StandardOutput.ReadToEndAsync(), dotnet.StandardError.ReadToEndAsync());
        try
        {
            await dotnet.WaitForExitAsync().WaitAsync(AgentProcess.Deadline);
        }
        finally
        {
            if (!dotnet.HasExited)
            {
                dotnet.Kill(entireProcessTree: true);
            }
        }
        Assert.True(dotnet.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {string.Concat(await said)}");
    }

    private static string Sdk([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "..", "sdk"));
}
