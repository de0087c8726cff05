using System.Threading.Channels;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Plugins.Tests;

/// <summary>Real processes under a clock in the test's hand.</summary>
public sealed class PluginProcessTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ca-process-");
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly LineLog _log = new();
    private readonly CancellationTokenSource _stop = new();

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Plugin_that_ends_is_started_again_later_each_time()
    {
        var running = Run("exit 3");

        Assert.Equal(
            ["ended with exit code 3", "starts again in 1 s"],
            [await LineAsync("ended"), await LineAsync("again")]);
        await AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal("starts again in 2 s", await LineAsync("again"));
        await AdvanceAsync(TimeSpan.FromSeconds(2));
        Assert.Equal("starts again in 4 s", await LineAsync("again"));

        await _stop.CancelAsync();
        await running.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Plugin_is_asked_to_end_and_may_say_farewell()
    {
        var running = Run("trap 'echo farewell; exit 0' TERM; echo ready; while :; do sleep 0.1; done");
        await LineAsync("ready");

        await _stop.CancelAsync();

        Assert.Equal("farewell", await LineAsync("farewell"));
        Assert.Equal("ended with exit code 0", await LineAsync("ended"));
        await running.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Plugin_that_does_not_end_is_killed_with_its_children()
    {
        var running = Run("trap '' TERM; (trap '' TERM; while :; do sleep 0.1; done) & echo child $!; wait; while :; do sleep 0.1; done");
        string child = (await LineAsync("child"))["child ".Length..];

        await _stop.CancelAsync();
        await AdvanceAsync(TimeSpan.FromSeconds(5));

        Assert.Contains("was killed", await LineAsync("killed"), StringComparison.Ordinal);
        await running.WaitAsync(Deadline);
        Assert.False(File.Exists($"/proc/{child}/stat") && !(await File.ReadAllTextAsync($"/proc/{child}/stat")).Contains(") Z", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Flood_on_standard_error_holds_nobody_up()
    {
        var running = Run("i=0; while [ $i -lt 5000 ]; do echo 0123456789012345678901234567890123456789 >&2; i=$((i+1)); done; echo done");

        Assert.Equal("done", await LineAsync("done"));
        await _stop.CancelAsync();
        await running.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Plugin_is_told_its_root_and_its_lifeline()
    {
        var running = Run("echo $COLLECTOR_AGENT_ROOT $COLLECTOR_AGENT_LIFELINE $PWD $1; cat; echo closed");

        Assert.Equal($"/some/root stdin {_folder.FullName} argument", await LineAsync("root"));
        await _stop.CancelAsync();
        await running.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Program_that_cannot_be_started_is_said_and_tried_again()
    {
        string path = Path.Combine(_folder.FullName, "run");
        await File.WriteAllTextAsync(path, "no program");
        var running = new PluginProcess(Plugin(path), new AgentPaths("/some/root"), _time, _log).RunAsync(_stop.Token);

        Assert.Contains("cannot be started", await LineAsync("cannot"), StringComparison.Ordinal);
        Assert.Equal("starts again in 1 s", await LineAsync("again"));
        await _stop.CancelAsync();
        await running.WaitAsync(Deadline);
    }

    private Task Run(string script)
    {
        string path = Path.Combine(_folder.FullName, "run");
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new PluginProcess(Plugin(path), new AgentPaths("/some/root"), _time, _log).RunAsync(_stop.Token);
    }

    private PluginFolder Plugin(string path) => new(
        _folder.FullName, new PluginManifest("p", "run", PluginKind.Executable) { Version = "1", Arguments = ["argument"] }, path);

    /// <summary>The next line about the plugin with this word in it, without its name.</summary>
    private async Task<string> LineAsync(string word)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        await foreach (string line in _log.Lines.ReadAllAsync(deadline.Token))
        {
            if (line.Contains(word, StringComparison.Ordinal))
            {
                return line.Replace("Plugin p: ", "", StringComparison.Ordinal).Replace("Plugin p ", "", StringComparison.Ordinal);
            }
        }
        throw new InvalidOperationException("the log ended");
    }

    /// <summary>Lets time pass once the code under test waits for it.</summary>
    private async Task AdvanceAsync(TimeSpan span)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (_time.PendingTimers == 0)
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
        _time.Advance(span);
    }

    private sealed class LineLog : ILogger
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

        public ChannelReader<string> Lines => _lines.Reader;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Writer.TryWrite(formatter(state, exception));
    }
}
