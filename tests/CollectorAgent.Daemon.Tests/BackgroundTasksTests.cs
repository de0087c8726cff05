using CollectorAgent.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace CollectorAgent.Daemon.Tests;

/// <summary>A background task that fails.</summary>
public sealed class BackgroundTasksTests : IDisposable
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly CancellationTokenSource _stop = new();
    private readonly BackgroundTasks _tasks;
    private int _runs;

    public BackgroundTasksTests() => _tasks = new BackgroundTasks(_time, NullLogger<BackgroundTasks>.Instance);

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task Task_that_fails_is_counted_and_tried_again_later_each_time()
    {
        var end = _tasks.RunAsync("a", FailAsync, _stop.Token);
        int[] seconds = [1, 2, 4, 8, 16, 32, 60, 60];
        foreach (var (i, delay) in seconds.Index())
        {
            await WaitsAsync(TimeSpan.FromSeconds(delay));
            var report = Assert.Single(_tasks.Reports);
            Assert.Equal(("a", BackgroundTaskState.Waiting), (report.Name, report.State));
            Assert.Equal((i + 1L, "no luck"), (report.Failures, report.Reason));
            Assert.Equal(_time.GetUtcNow(), report.FailedAt);
            _time.Advance(TimeSpan.FromSeconds(delay));
        }

        await WaitsAsync(TimeSpan.FromSeconds(60));
        await _stop.CancelAsync();
        await end.WaitAsync(TimeSpan.FromSeconds(120));
        Assert.Equal(seconds.Length + 1, _runs);
    }

    [Fact]
    public async Task Task_that_ran_well_for_long_is_tried_again_at_once_when_it_fails()
    {
        var fail = new TaskCompletionSource();
        var end = _tasks.RunAsync("a", stop => ++_runs < 3 ? FailAsync(stop) : _runs == 3 ? fail.Task : ForEverAsync(stop), _stop.Token);
        await WaitsAsync(TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Wait.UntilAsync(() => _runs >= 3, () => "the third run");
        Assert.Equal(BackgroundTaskState.Running, Assert.Single(_tasks.Reports).State);
        _time.Advance(TimeSpan.FromMinutes(10));
        fail.SetException(new InvalidOperationException("a bug"));

        await WaitsAsync(TimeSpan.FromSeconds(1));
        await _stop.CancelAsync();
        await end.WaitAsync(TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task Task_that_throws_before_it_waits_for_anything_is_no_exception_to_whoever_starts_it()
    {
        var end = _tasks.RunAsync("a", _ => throw new InvalidOperationException("at once"), _stop.Token);

        await WaitsAsync(TimeSpan.FromSeconds(1));
        await _stop.CancelAsync();
        await end.WaitAsync(TimeSpan.FromSeconds(120));
        Assert.Equal("at once", Assert.Single(_tasks.Reports).Reason);
    }

    [Fact]
    public async Task Cancellation_that_nobody_asked_for_is_a_failure_too()
    {
        var end = _tasks.RunAsync("a", _ => throw new OperationCanceledException("from elsewhere"), _stop.Token);

        await WaitsAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(1, Assert.Single(_tasks.Reports).Failures);
        await _stop.CancelAsync();
        await end.WaitAsync(TimeSpan.FromSeconds(120));
    }

    [Fact]
    public async Task Task_that_is_done_is_not_begun_again()
    {
        await _tasks.RunAsync("a", _ => Task.CompletedTask, _stop.Token).WaitAsync(TimeSpan.FromSeconds(120));

        var report = Assert.Single(_tasks.Reports);
        Assert.Equal((BackgroundTaskState.Done, 0), (report.State, report.Failures));
    }

    private Task FailAsync(CancellationToken stop)
    {
        _runs++;
        return Task.FromException(new IOException("no luck"));
    }

    private Task ForEverAsync(CancellationToken stop) => Task.Delay(Timeout.InfiniteTimeSpan, _time, stop);

    private Task WaitsAsync(TimeSpan delay) => Wait.UntilAsync(
        () => _time.PendingWaits.SequenceEqual([delay]), () => $"a wait of {delay}, not {string.Join(' ', _time.PendingWaits)}");
}
