using CollectorAgent.Protocol;
using CollectorAgent.TestKit;

namespace CollectorAgent.Plugins.Tests;

public sealed class PluginMeterTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    [Theory]
    [InlineData(typeof(IOException))]
    [InlineData(typeof(UnauthorizedAccessException))]
    [InlineData(typeof(InvalidOperationException))]
    public async Task Measurement_that_fails_costs_itself_and_not_the_agent(Type failure)
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var log = new LineLog();
        var paths = new AgentPaths("/no/root");
        int measured = 0;
        using var folders = new PluginFolders([], time, new LineLog<PluginFolders>(log));
        var launcher = new PluginLauncher(paths, "/no/host");
        var supervisor = new PluginSupervisor(paths, folders, launcher, new PageGrants(), () => { }, int.MaxValue, time, new LineLog<PluginSupervisor>(log));
        var statistics = new PluginStatistics(
            paths, () => ++measured == 2 ? new Dictionary<string, PageFigures>() : throw (Exception)Activator.CreateInstance(failure, "Too many open files : '/proc'")!);
        var meter = new PluginMeter(supervisor, launcher, statistics, () => TimeSpan.FromSeconds(5), time, new LineLog<PluginMeter>(log));
        using var stop = new CancellationTokenSource();
        var running = meter.RunAsync(stop.Token);

        await PassAsync(() => measured >= 1);
        Assert.Equal(
            "Cannot measure what plugins use; trying again at the next tick: Too many open files : '/proc'",
            await log.LineAsync("Cannot measure"));
        await PassAsync(() => measured >= 20);
        await log.LineAsync("left out before");

        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await running.WaitAsync(Deadline);

        async Task PassAsync(Func<bool> isSo) => await Wait.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return isSo();
            },
            () => "a measurement");
    }
}
