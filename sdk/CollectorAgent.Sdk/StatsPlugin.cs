using System.Net.Sockets;
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

    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    // A reading that is closer than this cannot be met any more.
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan FarewellDeadline = TimeSpan.FromSeconds(1);

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
        using var agent = new AgentClient(paths.Socket);
        using var page = new SamplePage(paths.Page(uid));
        string? trouble = null;
        try
        {
            while (true)
            {
                // The first sample makes the page that is registered; later ones follow the agent's clock.
                string? problem = await PublishAsync(page, publish, stop);
                TimeSpan wait;
                try
                {
                    wait = await agent.RegisterAsync(uid, stop) - negativeShift;
                }
                catch (Exception e) when (e is HttpRequestException or SocketException or RpcFailureException or XmlRpcFormatException
                    || (e is TaskCanceledException && !stop.IsCancellationRequested))
                {
                    // Without a first sample there is no page, and an agent refuses it: what matters is why.
                    wait = problem is null ? RetryDelay : Step;
                    problem ??= $"no agent at {paths.Socket}: {(e.InnerException ?? e).Message}; trying again until there is one";
                }
                if (problem is not null && problem != trouble)
                {
                    await Console.Error.WriteLineAsync(problem);
                }
                trouble = problem;
                await Task.Delay(UntilOneThatCanBeMet(wait), time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            using var deadline = new CancellationTokenSource(FarewellDeadline, time);
            try
            {
                await agent.DeregisterAsync(uid, deadline.Token);
            }
            catch (Exception e) when (e is HttpRequestException or RpcFailureException or XmlRpcFormatException or OperationCanceledException)
            {
                // The agent is gone itself; it will see that the page is gone.
            }
        }
    }

    /// <summary>Skips the readings that are over or too near: they follow each other at the step.</summary>
    private static TimeSpan UntilOneThatCanBeMet(TimeSpan wait) =>
        wait >= ShortestWait ? wait : wait + Math.Ceiling((ShortestWait - wait) / Step) * Step;

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
