using System.Globalization;
using CollectorAgent.Protocol;
using CollectorAgent.Rrd;
using CollectorAgent.Store;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Sampling;

/// <summary>One registered plugin: its page, where its values go, and how it is doing.</summary>
internal sealed class SampledPlugin : IDisposable
{
    /// <summary>Ticks without a new sample after which values are unknown.</summary>
    public const int SilentAfterTicks = 3;

    /// <summary>A sample older than this says nothing any more.</summary>
    private const double OldestSampleSeconds = DataSource.StandardHeartbeatSeconds;

    private const int MostForbiddenShown = 100;

    private const string SetClock = "Set the clock by which the plugin stamps its samples, or this host's";

    /// <summary>A time stamp further ahead of the clock is wrong; up to here it counts as now.</summary>
    private const double MostAheadSeconds = 5;

    private static readonly int StatusCount = Enum.GetValues<PageStatus>().Length;

    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly PageReader _reader = new();
    private readonly Lock _gate = new();
    private readonly long[] _counts = new long[StatusCount];
    private IPageSource _page;
    private PagePermit _permit;

    // A page appears before its first sample: empty, or with a checksum that fits nothing.
    private bool _isPageNew = true;
    private IReadOnlyList<ReportedSource> _routedSources = [];
    private bool _isRouted;

    // Nothing that was found of routes counts any more.
    private bool _isRoutedAnew = true;
    private bool _isWaiting;

    // A sample was read, and what has changed with it had to wait: it is still to be handed on.
    private bool _holdsSample;
    private int _waitingOwners;
    private OwnerRoute[] _routes = [];
    private long[] _ordered = [];
    private List<string> _refused = [];
    private IReadOnlyList<string> _leftOutByReader = [];
    private IReadOnlyList<string> _leftOut = [];
    private List<ReportedSource> _forbidden = [];
    private PluginState _state = PluginState.Waiting;
    private PageStatus _status = PageStatus.Unchanged;
    private string _detail = "";
    private double _lastSample = double.NaN;
    private TimeSpan _readDuration;
    private int _ticksWithoutSample;
    private bool _isRetiring;

    public SampledPlugin(string uid, IPageSource page, PagePermit permit, TimeProvider time, ILogger log)
    {
        Uid = uid;
        _page = page;
        _permit = permit;
        _time = time;
        _log = log;
    }

    public string Uid { get; }

    /// <summary>Whether what has changed on the page was not looked at yet, as the tick had done enough.</summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>Owners of whom what has changed was not looked at yet.</summary>
    public int WaitingOwners => _waitingOwners;

    /// <summary>From now on the plugin publishes on another page. What it reports there goes on where it was.</summary>
    public void Replace(IPageSource page, PagePermit permit)
    {
        Dispose();
        _page = page;
        _isPageNew = true;
        _isRoutedAnew |= permit != _permit;
        _permit = permit;
    }

    /// <summary>Looks at the page and hands a new sample on.</summary>
    /// <param name="clock">Tells what time the sample is from.</param>
    /// <param name="step">The step that this tick ends.</param>
    public void Sample(RecordingClock clock, RouteFinder finder, long step, int stepSeconds)
    {
        long started = _time.GetTimestamp();
        var sources = _reader.Sources;
        var status = Check(_reader.Read(_page, readsMetadata: !finder.IsExhausted), clock.Wall, out string detail);
        if (!ReferenceEquals(sources, _reader.Sources))
        {
            finder.Spend(started);
        }
        bool isWaiting = _reader.IsMetadataUnread;
        _ticksWithoutSample = status == PageStatus.Ok || isWaiting ? 0 : _ticksWithoutSample + 1;
        _isPageNew &= status != PageStatus.Ok;
        if (status == PageStatus.Ok)
        {
            isWaiting = !TryHandOn(clock, finder, step, stepSeconds);
            _holdsSample = isWaiting;
        }
        else if (status == PageStatus.Unchanged || _isPageNew)
        {
            if (_ticksWithoutSample >= SilentAfterTicks)
            {
                EndUnknown(step);
            }
        }
        else
        {
            foreach (var route in _routes)
            {
                route.MissSample(step);
            }
        }
        Note(status, detail, _time.GetElapsedTime(started), isWaiting);
    }

    /// <summary>The agent could not handle a sample: this step is unknown, and the next sample is routed afresh.</summary>
    public void Fail(long step, Exception reason)
    {
        if (_status != PageStatus.AgentFailed)
        {
            Log.SampleFailed(_log, Uid, reason);
        }
        _routes = [.. _routes.Where(r => r.TryAbandon(step))];
        _isRoutedAnew = true;
        _ticksWithoutSample++;
        _isPageNew = false;
        Note(PageStatus.AgentFailed, reason.Message, TimeSpan.Zero, isWaiting: false);
    }

    /// <summary>No interval leads over this moment: the clock was set.</summary>
    public void StartAnew()
    {
        _lastSample = double.NaN;
        foreach (var route in _routes)
        {
            route.StartAnew();
        }
    }

    /// <summary>Whether the page reports an owner now.</summary>
    public bool Reports(RrdOwner owner) => _reader.Sources.Any(s => s.Owner.ToRrdOwner() == owner);

    /// <summary>The RRD of an owner is about to change: what has no way to it yet may have one with the next sample.</summary>
    public void Recheck(RrdOwner owner) => _isRouted &= !Reports(owner);

    /// <summary>The plugin is gone: its values are unknown at once, and its history can go over to another one.</summary>
    public void Leave(long step)
    {
        foreach (var route in _routes)
        {
            route.EndUnknown(step);
            route.Release(Uid);
        }
    }

    public PluginReport Report()
    {
        lock (_gate)
        {
            return new PluginReport(
                Uid, _state, _status, _detail, _reader.Version, _lastSample, _readDuration.TotalMilliseconds,
                _reader.Sources, _refused, _leftOut, [.. _counts])
            {
                IsWaiting = _isWaiting,
                WaitingOwners = _waitingOwners,
            };
        }
    }

    public void Dispose() => (_page as IDisposable)?.Dispose();

    /// <summary>Whether a sample that was read is one: within its limit, new, and of about now.</summary>
    private PageStatus Check(PageStatus status, double wall, out string detail)
    {
        detail = _reader.Detail;
        // Nothing new on the page is no reason to forget what was new when it had to wait.
        status = status == PageStatus.Unchanged && _holdsSample && !_reader.IsMetadataUnread ? PageStatus.Ok : status;
        if ((status is PageStatus.Ok or PageStatus.Unchanged) && _reader.Timestamp > wall + MostAheadSeconds)
        {
            detail = string.Create(
                CultureInfo.InvariantCulture,
                $"Its newest sample is {_reader.Timestamp - wall:0.#} s ahead of this host's clock (limit {MostAheadSeconds} s). {SetClock}");
            return PageStatus.FutureTimestamp;
        }
        if (status == PageStatus.Ok && _reader.Sources.Count > _permit.MaxSources)
        {
            return PageStatus.TooManySources;
        }
        if (status == PageStatus.Ok && _reader.Timestamp < wall - OldestSampleSeconds)
        {
            detail = string.Create(
                CultureInfo.InvariantCulture,
                $"Its newest sample is {wall - _reader.Timestamp:0} s old by this host's clock (limit {OldestSampleSeconds} s). {SetClock}");
            return PageStatus.Unchanged;
        }
        return status == PageStatus.Ok && _reader.Timestamp <= _lastSample ? PageStatus.Unchanged : status;
    }

    /// <returns>False where what has changed on the page has to wait for the next tick: the sample after this one speaks for it too.</returns>
    private bool TryHandOn(RecordingClock clock, RouteFinder finder, long step, int stepSeconds)
    {
        bool isChanged = _isRoutedAnew || !ReferenceEquals(_routedSources, _reader.Sources) || IsAnyRouteOutdated();
        if (isChanged && finder.IsExhausted)
        {
            return false;
        }
        bool isNew = isChanged || (!_isRouted && !finder.IsExhausted);
        if (isNew)
        {
            FindRoutes(finder, step);
        }
        if (isNew || !ReferenceEquals(_leftOutByReader, _reader.LeftOut))
        {
            NoteLeftOut();
        }
        double time = Math.Min(_reader.Timestamp, clock.Wall) + clock.AheadSeconds;
        long ended = (long)Math.Floor(time / stepSeconds);
        // A new sample ends the step of this tick, unless it is from before that step even began.
        long through = time > (double)(step - 1) * stepSeconds ? Math.Max(step, ended) : ended;
        foreach (var route in _routes)
        {
            route.Update(time, _reader.Values, through, _ordered);
        }
        _lastSample = _reader.Timestamp;
        return true;
    }

    private bool IsAnyRouteOutdated()
    {
        foreach (var route in _routes)
        {
            if (route.IsOutdated)
            {
                return true;
            }
        }
        return false;
    }

    private void FindRoutes(RouteFinder finder, long step)
    {
        var routed = finder.Find(Uid, _reader.Sources, _routedSources, _permit, _routes, _isRoutedAnew, step);
        _routes = [.. routed.Routes];
        _routedSources = _reader.Sources;
        _isRoutedAnew = false;
        _isRouted = routed.Waiting == 0 && routed.WaitingOwners == 0;
        _waitingOwners = routed.WaitingOwners;
        _forbidden = routed.Forbidden;
        int widest = _routes.Select(r => r.Columns).DefaultIfEmpty().Max();
        _ordered = _ordered.Length >= widest ? _ordered : new long[widest];
        if (routed.Refused.Count > 0 && !routed.Refused.SequenceEqual(_refused))
        {
            Log.SourcesRefused(_log, Uid, routed.Refused.Count, routed.Refused[0]);
        }
        _refused = routed.Refused;
        if (routed.Retired > 0 && !_isRetiring)
        {
            Log.SourcesRetired(_log, Uid, RoundRobinDatabase.MaxUnreported);
        }
        _isRetiring |= routed.Retired > 0;
    }

    private void NoteLeftOut()
    {
        _leftOutByReader = _reader.LeftOut;
        var forbidden = _forbidden.Take(MostForbiddenShown).Select(s => $"{s.Owner}: {s.Name}: the plugin's manifest does not permit it");
        List<string> leftOut = [.. _leftOutByReader, .. forbidden];
        if (leftOut.Count > 0 && !leftOut.SequenceEqual(_leftOut))
        {
            Log.MetricsLeftOut(_log, Uid, leftOut[0], leftOut.Count - 1);
        }
        _leftOut = leftOut;
    }

    private void EndUnknown(long step)
    {
        foreach (var route in _routes)
        {
            route.EndUnknown(step);
        }
    }

    private void Note(PageStatus status, string detail, TimeSpan duration, bool isWaiting)
    {
        var state = status switch
        {
            PageStatus.Ok => PluginState.Live,
            PageStatus.Unchanged when _ticksWithoutSample >= SilentAfterTicks => PluginState.Silent,
            PageStatus.Unchanged => double.IsNaN(_lastSample) ? PluginState.Waiting : PluginState.Late,
            _ => _isPageNew && _ticksWithoutSample < SilentAfterTicks ? PluginState.Waiting : PluginState.Failing,
        };
        if (state != _state || (state == PluginState.Failing && status != _status))
        {
            LogChange(state, status, detail);
        }
        lock (_gate)
        {
            _counts[(int)status]++;
            _state = state;
            _status = status;
            _detail = detail;
            _readDuration = duration;
            _isWaiting = isWaiting;
        }
    }

    private void LogChange(PluginState state, PageStatus status, string detail)
    {
        switch (state)
        {
            case PluginState.Live when _state is PluginState.Waiting:
                Log.FirstSample(_log, Uid, _reader.Version, _reader.Sources.Count);
                break;
            case PluginState.Live when _state is PluginState.Silent or PluginState.Failing:
                Log.CameBack(_log, Uid);
                break;
            case PluginState.Silent when detail.Length > 0:
                Log.SamplesTooOld(_log, Uid, detail);
                break;
            case PluginState.Silent:
                Log.WentSilent(_log, Uid);
                break;
            case PluginState.Failing when status != PageStatus.AgentFailed:
                Log.PageFailed(_log, Uid, status, detail);
                break;
        }
    }
}
