using System.Collections.Concurrent;
using System.Diagnostics;
using CollectorAgent.TestKit;

namespace CollectorAgent.PhysicalUtilisationPlugin.Tests;

/// <summary>A file system that really hangs beside one that does not; the clock is the test's.</summary>
public sealed class HangingMountTests : IDisposable
{
    private const string Remote = "11111111-2222-3333-4444-555555555555";
    private const string Local = "99999999-2222-3333-4444-555555555555";

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    private readonly string _folder = Directory.CreateTempSubdirectory("hang-").FullName;
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly StringWriter _errors = new();
    private readonly BlockingCollection<string> _said = [];
    private Process? _server;

    private string Root => Path.Combine(_folder, "sr-mount");

    private string Hang => Path.Combine(_folder, "hang");

    public void Dispose()
    {
        // With its server the file system ends for all who wait for it.
        _server?.Kill();
        _server?.Dispose();
        Process.Start("umount", ["--lazy", "--quiet", Path.Combine(Root, Remote)]).WaitForExit();
        Directory.Delete(_folder, recursive: true);
    }

    [FuseFact]
    public async Task A_mount_that_hangs_is_unknown_is_asked_once_delays_no_other_and_comes_back()
    {
        Directory.CreateDirectory(Path.Combine(Root, Remote));
        Directory.CreateDirectory(Path.Combine(Root, Local));
        await File.WriteAllBytesAsync(Path.Combine(Root, Local, "a.raw"), new byte[1000]);
        Mount();
        using var mounted = new MountedSrs(Root, folder => new MountedSr(folder).Look, Period, _time, _errors);
        using var page = new PublishedPage(new SrStats(mounted, lvm: null, mayCome: true).Report);

        var values = await page.TakeUntilAsync(values => values.Count == 6);
        Assert.Equal(1000 * 4096, values[$"sr {Remote} size"]);
        Assert.Equal(600 * 4096, values[$"sr {Remote} physical_utilisation"]);
        Assert.Equal("asked", Said());

        await File.WriteAllTextAsync(Hang, "");
        _time.Advance(Period);
        page.Take();
        Assert.Equal("asked", Said());
        for (int i = 0; i < 5; i++)
        {
            _time.Advance(Period);
            values = await page.TakeUntilAsync(values => values.ContainsKey($"sr {Local} size"));
            Assert.DoesNotContain($"sr {Remote} size", values.Keys);
        }
        Assert.Empty(_said);

        File.Delete(Hang);
        await page.TakeUntilAsync(values => values.Count == 6);
        // The test's clock runs ahead of real threads, so that the other one may be late too: of it nothing is said here.
        Assert.Equal(
            [$"SR {Remote}: no answer within 5 s", $"SR {Remote}: complete again"],
            _errors.ToString().Split('\n').Where(line => line.Contains(Remote, StringComparison.Ordinal)));
    }

    private void Mount()
    {
        string script = FakeLvm.Fixture("../hanging_mount.py");
        _server = Process.Start(new ProcessStartInfo("python3", [script, Path.Combine(Root, Remote), Hang]) { RedirectStandardOutput = true })!;
        _server.OutputDataReceived += (_, line) => _said.Add(line.Data ?? "ended");
        _server.BeginOutputReadLine();
        Assert.Equal("mounted", Said());
    }

    private string Said() => _said.TryTake(out string? line, TimeSpan.FromSeconds(30)) ? line : "nothing";
}
