using System.Globalization;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>The log. Whoever logs never waits, and no kind of message has more than so many lines a minute, whoever causes them.</summary>
public sealed class AgentLog : ILoggerProvider
{
    /// <summary>Lines a minute of each kind of message, which its id and category make.</summary>
    public const int MostOfKind = 1000;

    /// <summary>The same for messages that are not the agent's own: the web server says much that clients cause.</summary>
    public const int MostOfForeignKind = 20;

    /// <summary>A message is cut off there.</summary>
    public const int MaxCharacters = 4096;

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private const string OwnPrefix = "CollectorAgent";
    private const string LogCategory = "CollectorAgent.Daemon.AgentLog";
    private static readonly EventId LinesLeftOut = new(9001);

    private readonly LogTargets _targets;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Category, int Id), int> _counts = [];

    /// <param name="isForJournal">Whether standard error is the journal's.</param>
    /// <param name="configuration">An <c>nlog.config</c> that says where the log goes; it need not be there.</param>
    /// <exception cref="StartException">The configuration cannot be used.</exception>
    public AgentLog(bool isForJournal, string configuration, TimeProvider time)
        : this(isForJournal, configuration, time, StandardStreams.WriteError)
    {
    }

    internal AgentLog(bool isForJournal, string? configuration, TimeProvider time, StandardErrorTarget.WriteBytes write)
    {
        _targets = new LogTargets(isForJournal, configuration, write);
        _timer = time.CreateTimer(_ => BeginPeriod(), null, Period, Period);
    }

    /// <summary>Lines that were not written, since nobody took them.</summary>
    public long DroppedLines => _targets.Lost;

    public ILogger CreateLogger(string categoryName) => new CategoryLog(this, categoryName, _targets.Provider.CreateLogger(categoryName));

    public void Dispose()
    {
        _timer.Dispose();
        BeginPeriod();
        _targets.Dispose();
    }

    /// <summary>Whether a message may be logged: whether its kind has not had too many.</summary>
    private bool Count(string category, int id)
    {
        lock (_gate)
        {
            int count = _counts.GetValueOrDefault((category, id)) + 1;
            _counts[(category, id)] = count;
            return count <= Most(category);
        }
    }

    /// <summary>Says what was left out in the period before.</summary>
    private void BeginPeriod()
    {
        List<KeyValuePair<(string Category, int Id), int>> kinds;
        lock (_gate)
        {
            kinds = [.. _counts.Where(k => k.Value > Most(k.Key.Category))];
            _counts.Clear();
        }
        foreach (var ((category, id), count) in kinds)
        {
            string text = string.Create(
                CultureInfo.InvariantCulture, $"{count - Most(category)} more lines of {category}[{id}] were left out in the last minute");
            _targets.Provider.CreateLogger(LogCategory).Log(LogLevel.Warning, LinesLeftOut, text, null, Whole);
        }
    }

    private static int Most(string category) => category.StartsWith(OwnPrefix, StringComparison.Ordinal) ? MostOfKind : MostOfForeignKind;

    private static string Whole(string text, Exception? exception) => text;

    private sealed class CategoryLog(AgentLog log, string category, ILogger targets) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel) && log.Count(category, eventId.Id))
            {
                // Cut off before it waits in a queue.
                string text = formatter(state, exception);
                targets.Log(logLevel, eventId, text.Length > MaxCharacters ? text[..MaxCharacters] + " ..." : text, exception, Whole);
            }
        }
    }
}
