using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Sdk.Tests;

/// <summary>Samples that take their time; there is no agent, which samples do not wait for.</summary>
public sealed class AwaitedSampleTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch.AddSeconds(1_700_000_000));
    private readonly ReportedSource _source = new("a") { IsInteger = true };
    private readonly SemaphoreSlim _asked = new(0);
    private readonly CancellationTokenSource _stop = new();
    private TaskCompletionSource _answer = new();

    private AgentPaths Paths => new(_folder.Path);

    public void Dispose()
    {
        _stop.Dispose();
        _asked.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Sample_is_published_when_it_is_there_and_none_is_asked_for_before()
    {
        var plugin = RunAsync();
        Assert.True(await _asked.WaitAsync(Deadline));
        _time.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal((0, false), (_asked.CurrentCount, File.Exists(Paths.Page("slow"))));

        var first = _answer;
        _answer = new TaskCompletionSource();
        first.SetResult();
        await Wait.UntilAsync(() => _time.PendingTimers > 0, () => "the plugin to wait for its next time");

        var reader = new PageReader();
        Assert.Equal(PageStatus.Ok, reader.Read(new FilePage(Paths.Page("slow"))));
        Assert.Equal(1_700_000_012, reader.Timestamp);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.True(await _asked.WaitAsync(Deadline));
        await _stop.CancelAsync();
        await plugin.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Stop_does_not_wait_for_a_sample()
    {
        var plugin = RunAsync();
        Assert.True(await _asked.WaitAsync(Deadline));

        await _stop.CancelAsync();

        await plugin.WaitAsync(Deadline);
        Assert.False(File.Exists(Paths.Page("slow")));
    }

    private Task RunAsync() => StatsPlugin.RunAsync(
        Paths,
        "slow",
        async (batch, stop) =>
        {
            var answer = _answer;
            _asked.Release();
            await answer.Task.WaitAsync(stop);
            batch.Report(_source, 7L);
        },
        TimeSpan.FromSeconds(0.5),
        _time,
        _stop.Token);
}
