using System.Diagnostics;
using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.LvmSrPlugin.Tests;

/// <summary>Runs the executable; there is no agent, which it has to bear.</summary>
public sealed class LvmSrPluginProcessTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromMilliseconds(20);

    private readonly AgentPaths _paths = new(Directory.CreateTempSubdirectory("lvmsr-plugin-").FullName);
    private readonly FakeLvm _lvm = new();
    private readonly PublishedPage _reader = new(_ => { });

    private string Page => _paths.Page("collector-lvm-sr");

    public void Dispose()
    {
        _reader.Dispose();
        _lvm.Dispose();
        Directory.Delete(_paths.Root, recursive: true);
    }

    [Fact]
    public async Task It_publishes_what_lvm_lists()
    {
        using var plugin = Start("--sbin", _lvm.Folder);
        try
        {
            await UntilAsync(() => File.Exists(Page) && _reader.Read(Page).ContainsKey("sr e1b7d2ac-93f0-4a6c-b1de-52c3f7a9d840 lvm_size"));
        }
        finally
        {
            plugin.Kill();
        }
    }

    [Fact]
    public async Task While_lvm_hangs_it_publishes_and_ends_when_it_is_asked_to_and_takes_lvm_along()
    {
        _lvm.Does("vgs", $"echo $$ > '{_lvm.PathOf("pid")}'; mv '{_lvm.PathOf("pid")}' '{_lvm.PathOf("vgs.pid")}'; exec sleep 120");
        using var plugin = Start("--sbin", _lvm.Folder);
        try
        {
            await UntilAsync(() => File.Exists(Page) && File.Exists(_lvm.PathOf("vgs.pid")));
            Assert.Empty(_reader.Read(Page));
            var vgs = Process.GetProcessById(int.Parse(await File.ReadAllTextAsync(_lvm.PathOf("vgs.pid")), CultureInfo.InvariantCulture));

            Process.Start("kill", ["-TERM", plugin.Id.ToString(CultureInfo.InvariantCulture)]).WaitForExit();
            using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
            await plugin.WaitForExitAsync(timeout.Token);

            Assert.Equal(0, plugin.ExitCode);
            Assert.False(File.Exists(Page));
            await UntilAsync(() => vgs.HasExited);
        }
        finally
        {
            plugin.Kill();
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"vg_uuid":"a","vg_name":"ubuntu-vg","vg_size":"100","vg_free":"50"}""")]
    public async Task Where_lvm_has_no_sr_it_says_so_and_ends(string groups)
    {
        _lvm.Does("vgs", $$"""echo '{"report":[{"vg":[{{groups}}]}]}'""");
        _lvm.Does("lvs", """echo '{"report":[{"lv":[]}]}'""");
        using var plugin = Start("--sbin", _lvm.Folder);
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            Assert.Contains("no volume group of this host is an SR", await plugin.StandardError.ReadToEndAsync(timeout.Token), StringComparison.Ordinal);
            await plugin.WaitForExitAsync(timeout.Token);

            Assert.Equal(PluginExitCode.Unavailable, plugin.ExitCode);
            Assert.False(File.Exists(Page));
        }
        finally
        {
            plugin.Kill();
        }
    }

    [Fact]
    public async Task Where_lvm_fails_it_cannot_know_that_there_is_no_sr_and_stays()
    {
        _lvm.Does("vgs", """echo '{"report":[{"vg":[]}]}'; echo cannot read a disk >&2; exit 5""");
        using var plugin = Start("--sbin", _lvm.Folder, "--period", "5");
        try
        {
            await UntilAsync(() => _lvm.Calls("vgs").Length >= 3);

            Assert.False(plugin.HasExited);
        }
        finally
        {
            plugin.Kill();
        }
    }

    [Theory]
    [InlineData("--sbin", "/nowhere", PluginExitCode.Unavailable, "there is no LVM on this host: no vgs and lvs in /nowhere\n")]
    [InlineData("--period", "4", 1, "--period is 5 to 3600 seconds\n")]
    public async Task Without_lvm_or_with_a_wrong_option_it_says_so_and_ends(string option, string value, int exitCode, string says)
    {
        using var plugin = Start(option, value);
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        try
        {
            Assert.Contains(says, await plugin.StandardError.ReadToEndAsync(timeout.Token), StringComparison.Ordinal);
            await plugin.WaitForExitAsync(timeout.Token);

            Assert.Equal(exitCode, plugin.ExitCode);
            Assert.False(File.Exists(Page));
        }
        finally
        {
            plugin.Kill();
        }
    }

    private Process Start(params string[] options)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "collector-lvmsr-plugin"), options)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment[PluginEnvironment.Root] = _paths.Root;
        start.Environment[PluginEnvironment.Lifeline] = "";
        return Process.Start(start)!;
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        using var timeout = new CancellationTokenSource(Deadline, TimeProvider.System);
        while (!isSo())
        {
            await Task.Delay(LookAgainAfter, TimeProvider.System, timeout.Token);
        }
    }
}
