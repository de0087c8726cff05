using System.Threading.Channels;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Store;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Sampling;

/// <summary>Reads all pages once a step and hands their values to the RRDs.</summary>
/// <remarks>
/// The thread that calls <see cref="Tick"/> alone changes RRDs. Others tell it which pages there are through a bounded queue.
/// </remarks>
public sealed partial class Sampler : IDisposable
{
    /// <summary>Most owners that one page begins, as long as they are there: a file each.</summary>
    public const int MaxOwnersOfPage = 4096;

    /// <summary>Most owners that are begun, whoever reports them: each tile takes a mapping, of which the kernel gives about as many.</summary>
    public const int MaxOwners = 60_000;

    private const int StepSeconds = ArchiveLayout.StandardStepSeconds;

    // A plugin that registers faster than pages can be told about is made to wait.
    private const int MaxPendingCommands = 4096;

    private readonly RrdStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly RouteFinder _finder;
    private readonly RecordingClock _clock;
    private readonly Channel<SamplerCommand> _commands = Channel.CreateBounded<SamplerCommand>(MaxPendingCommands);

    private readonly SortedDictionary<string, SampledPlugin> _plugins = new(StringComparer.Ordinal);

    // What other threads see.
    private readonly Lock _gate = new();
    private SampledPlugin[] _sampled = [];
    private long _ticks;
    private long _missed;
    private long _clockJumps;
    private TimeSpan _lastDuration;
    private TimeSpan _lastLateness;
    private double? _tickSince;

    // With whom the next tick begins.
    private int _first;

    /// <param name="recordVms">Whether a VM is recorded that nobody has told of.</param>
    public Sampler(RrdStore store, TimeProvider time, ILogger<Sampler> log, RecordVms recordVms = RecordVms.Resident)
    {
        _store = store;
        _time = time;
        _log = log;
        _finder = new RouteFinder(store, recordVms, time);
        _clock = new RecordingClock(time, StepSeconds, store.LastRecordedStep);
    }

    /// <summary>Time until the pages are read next.</summary>
    public TimeSpan UntilNextReading => _clock.UntilNextTick;

    /// <summary>The newest step that may hold anything: history from elsewhere that ends later is from another clock.</summary>
    public long NewestStep => _clock.NewestStep;

    public SamplerReport Report
    {
        get
        {
            lock (_gate)
            {
                return new SamplerReport(
                    _ticks,
                    _changesDone,
                    _missed,
                    _clockJumps,
                    _clock.AheadSeconds,
                    _clock.LastStep * StepSeconds,
                    _lastDuration.TotalMilliseconds,
                    _lastLateness.TotalMilliseconds)
                {
                    TickSince = _tickSince,
                    WaitingPages = _sampled.Count(p => p.IsWaiting),
                    WaitingOwners = _sampled.Sum(p => p.WaitingOwners),
                };
            }
        }
    }

    /// <summary>All registered plugins by uid.</summary>
    public IReadOnlyList<PluginReport> Plugins
    {
        get
        {
            lock (_gate)
            {
                return [.. _sampled.Select(p => p.Report())];
            }
        }
    }

    /// <summary>The SRs of which a plugin reports something now; one of which several do, several times.</summary>
    public IEnumerable<string> ReportedSrs => Plugins
        .Where(p => p.State is PluginState.Live or PluginState.Late)
        .SelectMany(p => p.Sources)
        .Where(s => s.Owner.Kind == OwnerKind.Sr)
        .Select(s => s.Owner.Uuid);

    /// <summary>Reads a page from the next tick on; one that is read already under this uid is replaced.</summary>
    /// <param name="permit">What may be on it; the rest is refused.</param>
    /// <returns>False where too many such calls wait for the next tick.</returns>
    public bool TryAdd(string uid, IPageSource page, PagePermit permit) => _commands.Writer.TryWrite(new SamplerCommand(uid, page, permit));

    /// <summary>Reads a page no longer: its values are unknown from the next tick on.</summary>
    /// <inheritdoc cref="TryAdd"/>
    public bool TryRemove(string uid) => _commands.Writer.TryWrite(new SamplerCommand(uid, null, PagePermit.Unlimited));

    /// <summary>Ticks until the token says stop. Called on a thread of its own.</summary>
    public void Run(CancellationToken stop)
    {
        WaitHandle[] reasons = [stop.WaitHandle, _hasChanges];
        bool isDue = false;
        while (!stop.IsCancellationRequested)
        {
            if (isDue)
            {
                Tick();
                RetireUnknown();
            }
            long since = _time.GetTimestamp();
            var wait = _clock.UntilNextTick;
            if (WaitHandle.WaitAny(reasons, Milliseconds(wait)) == Array.IndexOf(reasons, _hasChanges))
            {
                ChangeOne();
            }
            // A wait can end a moment before its time; then the rest is waited for.
            var late = _time.GetElapsedTime(since) - wait;
            isDue = late >= TimeSpan.Zero;
            if (isDue)
            {
                lock (_gate)
                {
                    _lastLateness = late;
                }
            }
        }
        _changes.Writer.Complete();
        Change();
    }

    /// <summary>One pass over all pages.</summary>
    public void Tick()
    {
        long started = _time.GetTimestamp();
        long aheadBefore = _clock.AheadSeconds;
        lock (_gate)
        {
            _tickSince = (_time.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalSeconds;
        }
        var (step, missed, jump, isMoved) = _clock.Tick();
        if (isMoved)
        {
            LogMove(jump, aheadBefore);
            foreach (var plugin in _plugins.Values)
            {
                Protect(plugin, plugin.StartAnew);
            }
        }
        if (missed > 0)
        {
            Log.TicksMissed(_log, missed);
        }
        Obey(step);
        if (step is { } ended)
        {
            _finder.StartTick(MaxCellsPerTick);
            SampleAll(ended);
            CommitChanges();
        }
        lock (_gate)
        {
            _ticks++;
            _missed += missed;
            _clockJumps += jump != TimeSpan.Zero ? 1 : 0;
            _tickSince = null;
            _lastDuration = _time.GetElapsedTime(started);
        }
    }

    /// <summary>Closes the pages.</summary>
    public void Dispose()
    {
        foreach (var plugin in _plugins.Values)
        {
            plugin.Dispose();
        }
        _hasChanges.Dispose();
    }

    /// <summary>Looks at all pages. Where some have to wait for their turn, they come first in the next tick.</summary>
    private void SampleAll(long step)
    {
        int count = _sampled.Length;
        int first = count == 0 ? 0 : _first % count;
        _first = 0;
        bool isAnyWaiting = false;
        for (int i = 0; i < count; i++)
        {
            int place = (first + i) % count;
            var plugin = _sampled[place];
            Sample(plugin, step);
            if (plugin.IsWaiting && !isAnyWaiting)
            {
                _first = place;
                isAnyWaiting = true;
            }
            else if (plugin.WaitingOwners > 0 && _first == 0)
            {
                _first = place + 1;
            }
        }
    }

    private void CommitChanges()
    {
        try
        {
            _finder.Commit();
        }
        catch (Exception e)
        {
            // Like a change between ticks: what was recorded is in memory, and the next tick that changes something tries again.
            Log.CommitFailed(_log, e);
        }
    }

    private void LogMove(TimeSpan jump, long aheadBefore)
    {
        if (jump != TimeSpan.Zero)
        {
            Log.ClockSet(_log, jump.TotalSeconds, _clock.AheadSeconds);
        }
        else if (_clock.AheadSeconds > aheadBefore)
        {
            Log.StartsAhead(_log, _clock.AheadSeconds);
        }
        else
        {
            Log.AheadShrinks(_log, aheadBefore, _clock.AheadSeconds);
        }
    }

    /// <summary>One plugin's sample: whatever goes wrong in it makes that plugin's values unknown, and is no other's affair.</summary>
    private void Sample(SampledPlugin plugin, long step)
    {
        try
        {
            plugin.Sample(_clock, _finder, step, StepSeconds);
        }
        catch (Exception e)
        {
            plugin.Fail(step, e);
        }
    }

    /// <inheritdoc cref="Sample"/>
    private void Protect(SampledPlugin plugin, Action act)
    {
        try
        {
            act();
        }
        catch (Exception e)
        {
            plugin.Fail(_clock.LastStep, e);
        }
    }

    private static int Milliseconds(TimeSpan wait) => (int)Math.Ceiling(wait.TotalMilliseconds);

    /// <param name="step">The step that this tick ends; null where it ends none.</param>
    private void Obey(long? step)
    {
        bool isChanged = false;
        while (_commands.Reader.TryRead(out var command))
        {
            isChanged = true;
            var plugin = _plugins.GetValueOrDefault(command.Uid);
            if (command.Page is { } page && plugin is not null)
            {
                plugin.Replace(page, command.Permit);
            }
            else if (command.Page is { } first)
            {
                _plugins.Add(command.Uid, new SampledPlugin(command.Uid, first, command.Permit, _time, _log));
            }
            else if (plugin is not null)
            {
                // Its last sample may not have been read yet; the page is still open here, even where its file is gone.
                if (step is { } ended)
                {
                    Sample(plugin, ended);
                }
                Protect(plugin, () => plugin.Leave(_clock.LastStep));
                plugin.Dispose();
                _plugins.Remove(command.Uid);
                _finder.Forget(command.Uid);
                Log.PluginGone(_log, command.Uid);
            }
        }
        if (isChanged)
        {
            lock (_gate)
            {
                _sampled = [.. _plugins.Values];
            }
        }
    }
}
