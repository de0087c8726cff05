using System.Diagnostics;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.PhysicalUtilisationPlugin.Tests;

/// <summary>Runs the executable; there is no agent, which it has to bear.</summary>
public sealed class PluginProcessTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    private readonly AgentPaths _paths = new(Directory.CreateTempSubdirectory("sr-plugin-").FullName);
    private readonly FakeLvm _lvm = new();
    private readonly PublishedPage _reader = new(_ => { });

    public void Dispose()
    {
        _reader.Dispose();
        _lvm.Dispose();
        Directory.Delete(_paths.Root, recursive: true);
    }

    [Fact]
    public async Task It_publishes_folders_and_groups()
    {
        string sr = Path.Combine(_paths.Root, "sr-mount", "11111111-2222-3333-4444-555555555555");
        Directory.CreateDirectory(sr);
        await File.WriteAllBytesAsync(Path.Combine(sr, "a.raw"), new byte[12345]);
        string page = _paths.Page("collector-physical-utilisation");
        using var plugin = Start("--sbin", _lvm.Folder, "--sr-mount", Path.GetDirectoryName(sr)!);
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            while (!File.Exists(page) || !_reader.Read(page).ContainsKey("sr e1b7d2ac-93f0-4a6c-b1de-52c3f7a9d840 physical_utilisation")
                || _reader.Read(page).GetValueOrDefault("sr 11111111-2222-3333-4444-555555555555 virtual_allocation") != 12345)
            {
                await Task.Delay(LookAgainAfter, TimeProvider.System, timeout.Token);
            }
        }
        finally
        {
            plugin.Kill();
        }
    }

    [Fact]
    public async Task Without_lvm_and_mounts_it_says_so_and_ends()
    {
        using var plugin = Start("--sbin", "/nowhere", "--sr-mount", "/nowhere/either");
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            Assert.Equal(
                "there is no SR on this host: neither /nowhere/either nor LVM (vgs and lvs in /nowhere)\n",
                await plugin.StandardError.ReadToEndAsync(timeout.Token));
            await plugin.WaitForExitAsync(timeout.Token);

            Assert.Equal(PluginExitCode.Unavailable, plugin.ExitCode);
        }
        finally
        {
            plugin.Kill();
        }
    }

    [Fact]
    public async Task With_lvm_and_a_folder_for_mounts_but_no_sr_it_says_so_and_ends()
    {
        _lvm.Does("vgs", """echo '{"report":[{"vg":[{"vg_uuid":"a","vg_name":"ubuntu-vg","vg_size":"100","vg_free":"50"}]}]}'""");
        _lvm.Does("lvs", """echo '{"report":[{"lv":[]}]}'""");
        string mounts = Directory.CreateDirectory(Path.Combine(_paths.Root, "sr-mount")).FullName;
        using var plugin = Start("--sbin", _lvm.Folder, "--sr-mount", mounts);
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            Assert.Contains(
                "there is no SR on this host: none is mounted, and no volume group is one",
                await plugin.StandardError.ReadToEndAsync(timeout.Token),
                StringComparison.Ordinal);
            await plugin.WaitForExitAsync(timeout.Token);

            Assert.Equal(PluginExitCode.Unavailable, plugin.ExitCode);
        }
        finally
        {
            plugin.Kill();
        }
    }

    private Process Start(params string[] options)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "collector-physical-utilisation-plugin"), options)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment[PluginEnvironment.Root] = _paths.Root;
        start.Environment[PluginEnvironment.Lifeline] = "";
        return Process.Start(start)!;
    }
}
