using System.Collections.Concurrent;
using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Sdk.Tests;

/// <summary>The life of a plugin: a manual clock, a real socket, a real page.</summary>
public sealed class StatsPluginTests : IAsyncLifetime, IDisposable
{
    private const string Uid = "my-plugin";
    private const string Hello = "hello my-plugin 1";
    private const string Register = "register my-plugin 0.5";
    private const string Deregister = "deregister my-plugin";

    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new(Start);
    private readonly ReportedSource _source = new("a") { IsInteger = true };
    private readonly ConcurrentQueue<double> _samples = new();
    private readonly CancellationTokenSource _stop = new();
    private AgentPaths _paths = null!;
    private TinyAgent _agent = null!;
    private Task _plugin = Task.CompletedTask;
    private Action _trouble = () => { };

    public Task InitializeAsync()
    {
        _paths = new AgentPaths(_folder.Path);
        _agent = new TinyAgent(_paths.Socket);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _plugin.ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(Deadline);
        await _agent.DisposeAsync();
    }

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task First_sample_is_there_at_once_and_then_one_for_each_notice()
    {
        await RunRegisteredAsync();
        await PassAsync(2.5, 3, 7.5);
        for (int i = 0; i < 3; i++)
        {
            await _agent.NotifyAsync(0.5);
            await WaitsAsync(6, 10);
            await PassAsync(5, 1, 5);
        }
        var reader = new PageReader();
        Assert.Equal(PageStatus.Ok, reader.Read(new FilePage(_paths.Page(Uid))));
        Assert.Equal([_source], reader.Sources);
        Assert.Equal(1_700_000_012.5, reader.Timestamp);

        await StopAsync();

        Assert.Equal([0, 2.5, 7.5, 12.5], _samples);
        Assert.Equal([Hello, Register, Deregister], _agent.Calls);
        Assert.False(File.Exists(_paths.Page(Uid)));
    }

    [Fact]
    public async Task Without_an_agent_samples_are_taken_at_the_step()
    {
        await _agent.DisposeAsync();
        Run();
        await WaitsAsync(1, 5);
        await PassAsync(5, 1, 5);
        await PassAsync(5, 1, 5);
        await PassAsync(4, 1, 1);
        Assert.Equal([0, 5, 10], _samples);
        await PassAsync(1, 1, 5);

        Assert.Equal([0, 5, 10, 15], _samples);
    }

    [Theory]
    [InlineData(0.7, 0.2)]
    [InlineData(0.55, 5.05)]
    [InlineData(0, 4.5)]
    [InlineData(-1, 3.5)]
    [InlineData(-4.45, 0.05 + 5)]
    [InlineData(-1000.25, 4.25)]
    [InlineData(4, 3.5)]
    public async Task Plugin_whose_agent_is_gone_goes_on_at_the_moments_that_it_named(double untilReading, double next)
    {
        _agent.NextReading = () => untilReading;
        Run();
        await WaitsAsync(next + 1, 10);
        await _agent.DisposeAsync();
        await WaitsAsync(1, next);
        _time.Advance(TimeSpan.FromSeconds(next));
        await Wait.UntilAsync(() => _samples.Count == 2, () => "a second sample");

        Assert.Equal([0, next], _samples);
    }

    [Fact]
    public async Task Restarted_agent_is_found_within_two_seconds_and_no_sample_is_left_out_meanwhile()
    {
        await RunRegisteredAsync();
        await PassAsync(4.5, 1, 5.5);
        await _agent.NotifyAsync(0.5);
        await WaitsAsync(6, 10);
        await _agent.DisposeAsync();
        await WaitsAsync(1, 5);
        await PassAsync(5, 1, 5);
        Assert.True(File.Exists(_paths.Page(Uid)));

        _agent = new TinyAgent(_paths.Socket) { NextReading = () => 4.5 };
        await PassAsync(1, 5, 10);
        await PassAsync(4, 1, 6);
        await _agent.NotifyAsync(0.5);
        await WaitsAsync(6, 10);
        await StopAsync();

        Assert.Equal([0, 4.5, 9.5, 14.5], _samples);
        Assert.Equal([Hello, Register, Deregister], _agent.Calls);
    }

    [Fact]
    public async Task Agent_that_says_nothing_counts_as_gone_after_ten_seconds_and_samples_go_on()
    {
        await RunRegisteredAsync();
        await PassAsync(5.5, 4.5, 5);
        Assert.Equal([0, 5.5], _samples);
        await PassAsync(4.5, 1, 4.5);
        Assert.Equal([0, 5.5, 10], _samples);
        await PassAsync(1, 5.5, 10);
        await StopAsync();

        Assert.Equal([Hello, Register, Hello, Register, Deregister], _agent.Calls);
    }

    [Fact]
    public async Task Agent_that_never_answers_costs_no_sample()
    {
        _agent.Instead = (_, _) => [];
        Run();
        await WaitsAsync(5, 10);
        await PassAsync(5, 5, 5);
        await PassAsync(5, 1, 5);

        Assert.Equal([0, 5, 10], _samples);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(1e300)]
    [InlineData(-1e9)]
    public async Task Answer_that_is_no_time_is_asked_for_again(double untilReading)
    {
        _agent.NextReading = () => untilReading;
        Run();
        await WaitsAsync(1, 5);
        _agent.NextReading = () => 5;
        await PassAsync(1, 5.5, 10);

        Assert.Equal([Hello, Register, Hello, Register], _agent.Calls);
    }

    [Fact]
    public async Task Plugin_outlives_an_agent_that_refuses_it_or_speaks_another_language()
    {
        _agent.Instead = (method, id) => method == SocketRpc.Register ? TinyAgent.Refusal(id) : null;
        Run();
        await WaitsAsync(1, 5);
        _agent.Instead = (_, _) => "HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray();
        await PassAsync(1, 1, 4);
        _agent.Instead = (_, _) => null;
        await PassAsync(1, 5.5, 10);
        await StopAsync();

        Assert.Equal([Hello, Register, Hello, Hello, Register, Deregister], _agent.Calls);
        Assert.False(File.Exists(_paths.Page(Uid)));
    }

    [Fact]
    public async Task Sample_that_cannot_be_taken_costs_that_sample_only()
    {
        _trouble = () => throw new IOException("nothing there");
        await RunRegisteredAsync();
        _trouble = () => { };
        await PassAsync(4.5, 1, 5.5);
        await _agent.NotifyAsync(0.5);
        await WaitsAsync(6, 10);

        Assert.Equal([4.5], _samples);
    }

    [Fact]
    public async Task Any_other_trouble_ends_the_plugin_and_its_page()
    {
        await RunRegisteredAsync();
        _trouble = () => throw new InvalidOperationException("a bug");
        await _agent.NotifyAsync(0.5);

        await Assert.ThrowsAsync<InvalidOperationException>(() => _plugin.WaitAsync(Deadline));
        Assert.Equal([Hello, Register, Deregister], _agent.Calls);
        Assert.False(File.Exists(_paths.Page(Uid)));
    }

    [Fact]
    public async Task Stop_does_not_wait_for_an_agent_that_does_not_answer()
    {
        await RunRegisteredAsync();
        _agent.Instead = (_, _) => [];
        await _stop.CancelAsync();
        await WaitsAsync(1, 10);
        _time.Advance(TimeSpan.FromSeconds(1));

        await _plugin.WaitAsync(Deadline);
        Assert.False(File.Exists(_paths.Page(Uid)));
    }

    [Fact]
    public Task Uid_that_cannot_be_one_is_refused() =>
        Assert.ThrowsAsync<ArgumentException>(() => StatsPlugin.RunAsync("../x", _ => { }));

    private double Now() => Math.Round((_time.GetUtcNow() - Start).TotalSeconds, 6);

    private void Run() => _plugin = StatsPlugin.RunAsync(
        _paths,
        Uid,
        batch =>
        {
            _trouble();
            _samples.Enqueue(Now());
            batch.Report(_source, _samples.Count);
        },
        TimeSpan.FromSeconds(0.5),
        _time,
        _stop.Token);

    /// <summary>Runs a plugin whose agent says that the next reading is a step away.</summary>
    private async Task RunRegisteredAsync()
    {
        Run();
        await WaitsAsync(5.5, 10);
    }

    /// <summary>Lets time pass and waits until the plugin waits so long for its next sample and for its agent, the shorter first.</summary>
    private async Task PassAsync(double seconds, double shorter, double longer)
    {
        _time.Advance(TimeSpan.FromSeconds(seconds));
        await WaitsAsync(shorter, longer);
    }

    private Task WaitsAsync(double shorter, double longer) => Wait.UntilAsync(
        () => _time.PendingWaits.Select(w => Math.Round(w.TotalSeconds, 3)).SequenceEqual(
            new[] { shorter, longer }.Order().Select(w => Math.Round(w, 3))),
        () => $"waits of {shorter} and {longer} s, not {string.Join(", ", _time.PendingWaits)}; samples {string.Join(", ", _samples)}");

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _plugin.WaitAsync(Deadline);
    }
}
