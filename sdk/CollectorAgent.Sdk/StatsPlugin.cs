using System.Runtime.InteropServices;
using CollectorAgent.Protocol;

namespace CollectorAgent.Sdk;

/// <summary>A stats plugin: a function that reports values, called once a step just before the agent reads them.</summary>
/// <example>
/// <code>
/// var load = new ReportedSource("loadavg") { Type = ReportedType.Gauge, IsDefault = true };
/// return await StatsPlugin.RunAsync("my-plugin", batch => batch.Report(load, ReadLoad()));
/// </code>
/// </example>
public static class StatsPlugin
{
    /// <summary>How long before a reading the sample is taken, unless somebody says otherwise.</summary>
    public static readonly TimeSpan StandardNegativeShift = TimeSpan.FromSeconds(0.5);

    /// <summary>Runs until SIGTERM, SIGINT or the end of the agent that started this process.</summary>
    /// <param name="uid">Id of the plugin and file name of its page; see <see cref="PluginUid"/>.</param>
    /// <param name="collect">Reports the values. An <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/> costs one
    /// sample and is written to standard error; anything else ends the plugin.</param>
    /// <param name="negativeShift">How long before a reading the sample is taken, 0.5 to 1.5 s.</param>
    /// <returns>The exit code of the process: 0.</returns>
    /// <exception cref="ArgumentException">The uid cannot be one.</exception>
    public static Task<int> RunAsync(string uid, Action<SampleBatch> collect, TimeSpan? negativeShift = null) =>
        RunAsync(uid, Publishing(collect, TimeProvider.System), negativeShift);

    /// <summary>Runs with samples that take their time: a sample is published when it is there, and none is asked for before.</summary>
    /// <param name="collect">Reports the values; is to end early when the token says stop.</param>
    /// <inheritdoc cref="RunAsync(string, Action{SampleBatch}, TimeSpan?)"/>
    public static Task<int> RunAsync(string uid, Func<SampleBatch, CancellationToken, ValueTask> collect, TimeSpan? negativeShift = null) =>
        RunAsync(uid, Publishing(collect, TimeProvider.System), negativeShift);

    /// <summary>Runs until the token says stop, then deregisters and removes the page.</summary>
    /// <inheritdoc cref="RunAsync(string, Action{SampleBatch}, TimeSpan?)"/>
    public static Task RunAsync(
        AgentPaths paths, string uid, Action<SampleBatch> collect, TimeSpan negativeShift, TimeProvider time, CancellationToken stop) =>
        RunAsync(paths, uid, Publishing(collect, time), negativeShift, time, stop);

    /// <summary>Runs until the token says stop, then deregisters and removes the page.</summary>
    /// <inheritdoc cref="RunAsync(string, Func{SampleBatch, CancellationToken, ValueTask}, TimeSpan?)"/>
    public static Task RunAsync(
        AgentPaths paths,
        string uid,
        Func<SampleBatch, CancellationToken, ValueTask> collect,
        TimeSpan negativeShift,
        TimeProvider time,
        CancellationToken stop) =>
        RunAsync(paths, uid, Publishing(collect, time), negativeShift, time, stop);

    private static Func<SamplePage, CancellationToken, ValueTask> Publishing(Action<SampleBatch> collect, TimeProvider time) => (page, _) =>
    {
        page.Publish((time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds, collect);
        return ValueTask.CompletedTask;
    };

    private static Func<SamplePage, CancellationToken, ValueTask> Publishing(
        Func<SampleBatch, CancellationToken, ValueTask> collect, TimeProvider time) => (page, stop) => page.PublishAsync(collect, time, stop);

    private static async Task<int> RunAsync(string uid, Func<SamplePage, CancellationToken, ValueTask> publish, TimeSpan? negativeShift)
    {
        if (!PluginUid.IsValid(uid))
        {
            throw new ArgumentException(PluginUid.Rule, nameof(uid));
        }
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        if (Environment.GetEnvironmentVariable(PluginEnvironment.Lifeline) == PluginEnvironment.LifelineIsInput)
        {
            _ = WatchLifelineAsync(stop);
        }
        await RunAsync(AgentPaths.Resolve(null), uid, publish, negativeShift ?? StandardNegativeShift, TimeProvider.System, stop.Token);
        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    private static async Task RunAsync(
        AgentPaths paths,
        string uid,
        Func<SamplePage, CancellationToken, ValueTask> publish,
        TimeSpan negativeShift,
        TimeProvider time,
        CancellationToken stop)
    {
        using var page = new SamplePage(paths.Page(uid));
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var trouble = new Trouble();
        var link = Task.CompletedTask;
        try
        {
            // The page is there with the first sample; later ones follow the agent's notices, or the plugin's own clock while there is none.
            trouble.Is(await PublishAsync(page, publish, end.Token));
            var clock = new SampleClock(negativeShift, time);
            link = FollowAgentAsync(new AgentLink(paths, uid, negativeShift, clock, time), end);
            while (true)
            {
                await clock.WaitAsync(end.Token);
                trouble.Is(await PublishAsync(page, publish, end.Token));
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // Asked to stop, or the link has failed and says below why.
        }
        finally
        {
            await end.CancelAsync();
            await link;
        }
    }

    private static async Task FollowAgentAsync(AgentLink link, CancellationTokenSource end)
    {
        try
        {
            await link.RunAsync(end.Token);
        }
        finally
        {
            await end.CancelAsync();
        }
    }

    private static async ValueTask<string?> PublishAsync(
        SamplePage page, Func<SamplePage, CancellationToken, ValueTask> publish, CancellationToken stop)
    {
        try
        {
            await publish(page, stop);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"no sample: {e.Message}";
        }
    }

    private static async Task WatchLifelineAsync(CancellationTokenSource stop)
    {
        await using var lifeline = Console.OpenStandardInput();
        byte[] nothing = new byte[64];
        while (await lifeline.ReadAsync(nothing) > 0)
        {
        }
        await stop.CancelAsync();
    }
}
