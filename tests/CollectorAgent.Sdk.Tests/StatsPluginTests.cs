using System.Collections.Concurrent;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Sdk.Tests;

/// <summary>The life of a plugin: a manual clock, a real socket, a real page.</summary>
public sealed class StatsPluginTests : IAsyncLifetime, IDisposable
{
    private const string Uid = "my-plugin";
    private const string Register = "Plugin.Local.register uid=my-plugin info=Five_Seconds protocol=V2";
    private const string Deregister = "Plugin.Local.deregister uid=my-plugin";

    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new(Start);
    private readonly ReportedSource _source = new("a") { IsInteger = true };
    private readonly ConcurrentQueue<double> _samples = new();
    private readonly CancellationTokenSource _stop = new();
    private AgentPaths _paths = null!;
    private TinyAgent _agent = null!;
    private Task? _plugin;
    private Action _trouble = () => { };

    public async Task InitializeAsync()
    {
        _paths = new AgentPaths(_folder.Path);
        _agent = await TinyAgent.StartAsync(_paths.Socket);
    }

    public async Task DisposeAsync() => await _agent.DisposeAsync();

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Sample_is_taken_the_negative_shift_before_the_reading()
    {
        // Readings are at 3, 8, 13 seconds.
        _agent.Answer = _ => RpcReply.Succeeded(((3 - Now()) % 5 + 5) % 5);
        var plugin = Run(TimeSpan.FromSeconds(0.5));
        for (int i = 0; i < 3; i++)
        {
            await PassAsync(TimeSpan.FromSeconds(5));
        }
        await StopAsync(plugin);

        Assert.Equal([0, 2.5, 7.5, 12.5], _samples);
    }

    [Theory]
    [InlineData(0.55, 5.05)]
    [InlineData(0, 4.5)]
    [InlineData(-1, 3.5)]
    [InlineData(-4.45, 0.05 + 5)]
    [InlineData(-7, 2.5)]
    [InlineData(-1000.25, 4.25)]
    [InlineData(4, 3.5)]
    public async Task Reading_that_is_over_or_too_near_is_not_waited_for_but_one_that_follows(double untilReading, double wait)
    {
        _agent.Answer = _ => RpcReply.Succeeded(untilReading);
        var plugin = Run(TimeSpan.FromSeconds(0.5));
        await PassAsync(TimeSpan.FromSeconds(wait + 0.001));
        await StopAsync(plugin);

        Assert.Equal([0, wait], _samples.Select(s => Math.Round(s, 6)));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(1e300)]
    [InlineData(1e9)]
    [InlineData(-1e300)]
    public async Task Answer_that_is_no_time_is_asked_for_again(double untilReading)
    {
        _agent.Answer = _ => RpcReply.Succeeded(untilReading);
        var plugin = Run(TimeSpan.FromSeconds(0.5));
        await PassAsync(TimeSpan.FromSeconds(1));
        _agent.Answer = _ => RpcReply.Succeeded(3.0);
        await PassAsync(TimeSpan.FromSeconds(1));
        await PassAsync(TimeSpan.FromSeconds(2.5));
        await StopAsync(plugin);

        Assert.Equal([0, 1, 2, 4.5], _samples);
    }

    [Fact]
    public async Task Plugin_registers_each_time_and_takes_its_leave()
    {
        var plugin = Run(TimeSpan.FromSeconds(1));
        await PassAsync(TimeSpan.FromSeconds(4));
        var reader = new PageReader();
        Assert.Equal(PageStatus.Ok, reader.Read(new FilePage(_paths.Page(Uid))));
        Assert.Equal([_source], reader.Sources);
        Assert.Equal(1_700_000_004, reader.Timestamp);

        await StopAsync(plugin);

        Assert.Equal([Register, Register, Deregister], _agent.Calls);
        Assert.False(File.Exists(_paths.Page(Uid)));
    }

    [Fact]
    public async Task Plugin_outlives_an_agent_that_goes_away_and_comes_back()
    {
        var plugin = Run(TimeSpan.FromSeconds(1));
        await WaitForTimerAsync();
        await _agent.DisposeAsync();
        await PassAsync(TimeSpan.FromSeconds(4));
        await PassAsync(TimeSpan.FromSeconds(1));
        Assert.True(File.Exists(_paths.Page(Uid)));

        _agent = await TinyAgent.StartAsync(_paths.Socket);
        await PassAsync(TimeSpan.FromSeconds(1));
        await PassAsync(TimeSpan.FromSeconds(4));
        await StopAsync(plugin);

        Assert.Equal([0, 4, 5, 6, 10], _samples);
        Assert.Equal([Register, Register, Deregister], _agent.Calls);
    }

    [Fact]
    public async Task Plugin_outlives_an_agent_that_refuses_it()
    {
        _agent.Answer = _ => RpcReply.Failed(RpcError.InternalError, "no");
        var plugin = Run(TimeSpan.FromSeconds(1));
        await PassAsync(TimeSpan.FromSeconds(1));
        _agent.Answer = _ => "no envelope";
        await PassAsync(TimeSpan.FromSeconds(1));
        await StopAsync(plugin);

        Assert.Equal([0, 1, 2], _samples);
        Assert.False(File.Exists(_paths.Page(Uid)));
    }

    [Fact]
    public async Task Sample_that_cannot_be_taken_costs_that_sample_only()
    {
        _trouble = () => throw new IOException("nothing there");
        var plugin = Run(TimeSpan.FromSeconds(1));
        await WaitForTimerAsync();
        _trouble = () => { };
        await PassAsync(TimeSpan.FromSeconds(4));
        await StopAsync(plugin);

        Assert.Equal([4], _samples);
    }

    [Fact]
    public async Task Any_other_trouble_ends_the_plugin_and_its_page()
    {
        var plugin = Run(TimeSpan.FromSeconds(1));
        await WaitForTimerAsync();
        _trouble = () => throw new InvalidOperationException("a bug");
        _time.Advance(TimeSpan.FromSeconds(4));

        await Assert.ThrowsAsync<InvalidOperationException>(() => plugin.WaitAsync(Deadline));
        Assert.False(File.Exists(_paths.Page(Uid)));
    }

    [Fact]
    public Task Uid_that_cannot_be_one_is_refused() =>
        Assert.ThrowsAsync<ArgumentException>(() => StatsPlugin.RunAsync("../x", _ => { }));

    private double Now() => (_time.GetUtcNow() - Start).TotalSeconds;

    private Task Run(TimeSpan negativeShift) => _plugin = StatsPlugin.RunAsync(
        _paths,
        Uid,
        batch =>
        {
            _trouble();
            _samples.Enqueue(Now());
            batch.Report(_source, _samples.Count);
        },
        negativeShift,
        _time,
        _stop.Token);

    /// <summary>Lets time pass once the plugin waits, and waits until it waits again.</summary>
    private async Task PassAsync(TimeSpan span)
    {
        await WaitForTimerAsync();
        _time.Advance(span);
        await WaitForTimerAsync();
    }

    private async Task WaitForTimerAsync()
    {
        long start = TimeProvider.System.GetTimestamp();
        while (_time.PendingTimers == 0 && _plugin is not { IsCompleted: true })
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Deadline, "the plugin does not wait for its next sample");
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System);
        }
    }

    private async Task StopAsync(Task plugin)
    {
        await WaitForTimerAsync();
        await _stop.CancelAsync();
        await plugin.WaitAsync(Deadline);
    }
}
