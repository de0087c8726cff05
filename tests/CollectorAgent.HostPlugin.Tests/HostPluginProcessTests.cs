using System.Diagnostics;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;
using CollectorAgent.TestKit;

namespace CollectorAgent.HostPlugin.Tests;

/// <summary>Runs the executable; there is no agent, which it has to bear.</summary>
public sealed class HostPluginProcessTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    private readonly AgentPaths _paths = new(Directory.CreateTempSubdirectory("host-plugin-").FullName);

    private string Page => _paths.Page("collector-host");

    public void Dispose() => Directory.Delete(_paths.Root, recursive: true);

    [Fact]
    public async Task It_publishes_this_host_until_sigterm()
    {
        using var plugin = Start(lifeline: "");
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            await PageAsync(timeout.Token);
            using (var page = new PageFile(Page))
            {
                var reader = new PageReader();
                Assert.Equal(PageStatus.Ok, reader.Read(page));
                var sample = new Sample(reader.Sources, reader.Values);
                Assert.True(sample.Integer("memory_total_kib") > 0);
                Assert.True(sample.Float("cpu_avg") > 0);
            }

            using (var kill = Process.Start("kill", ["-TERM", plugin.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync(timeout.Token);
            }
            await plugin.WaitForExitAsync(timeout.Token);

            Assert.Equal(0, plugin.ExitCode);
            Assert.False(File.Exists(Page));
        }
        finally
        {
            plugin.Kill();
        }
    }

    [Fact]
    public async Task It_ends_with_its_lifeline()
    {
        using var plugin = Start(lifeline: "stdin");
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            await PageAsync(timeout.Token);

            plugin.StandardInput.Close();
            await plugin.WaitForExitAsync(timeout.Token);

            Assert.Equal(0, plugin.ExitCode);
            Assert.False(File.Exists(Page));
        }
        finally
        {
            plugin.Kill();
        }
    }

    [Fact]
    public async Task A_folder_that_does_not_exist_is_refused_at_start()
    {
        using var plugin = Start(lifeline: "", "--proc", Path.Combine(_paths.Root, "nowhere"));
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            await plugin.WaitForExitAsync(timeout.Token);

            Assert.NotEqual(0, plugin.ExitCode);
            Assert.False(File.Exists(Page));
        }
        finally
        {
            plugin.Kill();
        }
    }

    private Process Start(string lifeline, params string[] options)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "collector-host-plugin"), options)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[PluginEnvironment.Root] = _paths.Root;
        start.Environment[PluginEnvironment.Lifeline] = lifeline;
        var plugin = Process.Start(start)!;
        plugin.OutputDataReceived += (_, _) => { };
        plugin.ErrorDataReceived += (_, _) => { };
        plugin.BeginOutputReadLine();
        plugin.BeginErrorReadLine();
        return plugin;
    }

    /// <summary>Waits until the page appears.</summary>
    private async Task PageAsync(CancellationToken timeout)
    {
        while (!File.Exists(Page))
        {
            await Task.Delay(LookAgainAfter, TimeProvider.System, timeout);
        }
    }
}
