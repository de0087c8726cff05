using System.Diagnostics;
using CollectorAgent.Protocol;
using CollectorAgent.Sdk;
using CollectorAgent.TestKit;

namespace CollectorAgent.PluginHost.Tests;

/// <summary>A line plugin of real processes under a clock in the test's hand.</summary>
internal sealed class ScriptRun : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("ca-lines-");
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000));
    private readonly StringWriter _errors = new();
    private readonly LinePlugin _plugin;
    private readonly SamplePage _page;
    private readonly PageReader _reader = new();

    public ScriptRun(string script, string interpreter = "/bin/sh", params string[] arguments)
    {
        string path = PathOf("run");
        File.WriteAllText(path + ".text", $"#!{interpreter}\n{script}\n");
        // A child that another test forks now may hold what this process has open, and what is open for writing cannot be started.
        using (var copy = Process.Start("cp", [path + ".text", path]))
        {
            copy.WaitForExit();
        }
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _plugin = new LinePlugin(path, arguments, _time, TextWriter.Synchronized(_errors));
        _page = new SamplePage(PathOf("page"));
    }

    public string Errors => _errors.ToString();

    public PageReader Page => _reader;

    public string PathOf(string name) => Path.Combine(_scratch.FullName, name);

    /// <summary>Takes one sample.</summary>
    /// <returns>Its values by owner and name.</returns>
    public async Task<Dictionary<string, double>> SampleAsync()
    {
        await BeginSample().WaitAsync(Deadline);
        return Read();
    }

    /// <summary>Asks for a sample that takes its time.</summary>
    public Task BeginSample()
    {
        // Pages are new where their time is.
        _time.Advance(TimeSpan.FromMilliseconds(1));
        return _page.PublishAsync(_plugin.CollectAsync, _time, CancellationToken.None).AsTask();
    }

    public Dictionary<string, double> Read()
    {
        Assert.Equal(PageStatus.Ok, _reader.Read(new FilePage(PathOf("page"))));
        return Values.Of(_reader);
    }

    /// <summary>Lets time pass once the plugin waits for it.</summary>
    public async Task AdvanceAsync(TimeSpan span)
    {
        await UntilAsync(() => _time.PendingTimers > 0);
        _time.Advance(span);
    }

    /// <summary>Lets time pass until a sample is there.</summary>
    public Task PassUntilAsync(Task sample) => UntilAsync(() =>
    {
        _time.Advance(TimeSpan.FromSeconds(0.5));
        return sample.IsCompleted;
    });

    /// <summary>Waits until a script has made a file.</summary>
    public Task FileAsync(string name) => UntilAsync(() => File.Exists(PathOf(name)));

    /// <summary>Waits until a script has written this into a file.</summary>
    public Task FileAsync(string name, string content) => UntilAsync(() => File.Exists(PathOf(name)) && File.ReadAllText(PathOf(name)) == content);

    public async ValueTask DisposeAsync()
    {
        var disposed = _plugin.DisposeAsync().AsTask();
        using var deadline = new CancellationTokenSource(Deadline);
        while (!disposed.IsCompleted)
        {
            Assert.False(deadline.IsCancellationRequested, "the plugin did not end in time");
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(disposed, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System));
        }
        await disposed;
        _page.Dispose();
        _scratch.Delete(recursive: true);
    }

    public static async Task UntilAsync(Func<bool> isSo)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!isSo())
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }
}
