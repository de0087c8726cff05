using CollectorAgent.Daemon;
using CollectorAgent.Sampling;
using Microsoft.Extensions.Logging;

namespace CollectorAgent;

/// <summary>What the agent cannot do without: the tick and the listeners. Where one of them fails, the agent ends.</summary>
/// <param name="stop">Asks the agent to end as SIGTERM does.</param>
internal sealed class Essentials(Action stop, ILogger log)
{
    private Exception? _failure;

    /// <summary>Starts the thread of the tick.</summary>
    /// <param name="around">See <see cref="AgentHost"/>.</param>
    public Thread StartTick(Sampler sampler, Func<BackgroundWork, BackgroundWork> around, CancellationToken end)
    {
        var tick = new Thread(() => Tick(sampler, around, end)) { Name = "tick", IsBackground = false };
        tick.Start();
        return tick;
    }

    /// <summary>One of them has failed. The first one is said; the others follow from it.</summary>
    public void Fail(string what, Exception failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is null)
        {
            Log.EssentialFailed(log, what, failure);
            stop();
        }
    }

    /// <exception cref="EssentialFailedException">One of them has failed.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw new EssentialFailedException(failure);
        }
    }

    private void Tick(Sampler sampler, Func<BackgroundWork, BackgroundWork> around, CancellationToken end)
    {
        try
        {
            around(stopped =>
            {
                sampler.Run(stopped);
                return Task.CompletedTask;
            })(end).GetAwaiter().GetResult();
            if (!end.IsCancellationRequested)
            {
                Fail("the tick", new InvalidOperationException("it ended by itself"));
            }
        }
        catch (Exception e)
        {
            Fail("the tick", e);
        }
    }
}
