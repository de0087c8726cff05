using System.Diagnostics;
using CollectorAgent.Protocol;

namespace CollectorAgent.XenPlugin.Tests;

/// <summary>Runs the executable where there is no Xen.</summary>
public sealed class XenPluginProcessTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("xen-plugin-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(null, "is not the control domain of a Xen host")]       // no Xen
    [InlineData("", "is not the control domain of a Xen host")]         // a guest
    [InlineData("control_d\n", "/dev/xen/privcmd")]                     // says it is one, and has no way to the hypervisor
    public async Task Without_xen_it_says_what_is_missing_in_one_sentence_and_that_it_is_no_failure(string? capabilities, string missing)
    {
        if (capabilities is not null)
        {
            Directory.CreateDirectory(Path.Combine(_folder, "xen"));
            await File.WriteAllTextAsync(Path.Combine(_folder, "xen/capabilities"), capabilities);
        }
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "collector-xen-plugin"), ["--proc", _folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[PluginEnvironment.Root] = _folder;
        using var plugin = Process.Start(start)!;
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            var output = plugin.StandardOutput.ReadToEndAsync(timeout.Token);
            string said = await plugin.StandardError.ReadToEndAsync(timeout.Token);
            await plugin.WaitForExitAsync(timeout.Token);

            Assert.Equal(PluginExitCode.Unavailable, plugin.ExitCode);
            Assert.Contains(missing, Assert.Single(said.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
            Assert.Empty(await output);
            Assert.False(Directory.Exists(new AgentPaths(_folder).Pages));
        }
        finally
        {
            plugin.Kill();
        }
    }
}
