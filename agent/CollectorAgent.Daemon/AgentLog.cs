using System.Globalization;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>The log on standard error. Whoever logs never waits, and no kind of message has more than so many lines a minute, whoever
/// causes them.</summary>
public sealed class AgentLog : ILoggerProvider
{
    /// <summary>Lines a minute of each kind of message, which its id and category make.</summary>
    public const int MostOfKind = 1000;

    /// <summary>The same for messages that are not the agent's own: the web server says much that clients cause.</summary>
    public const int MostOfForeignKind = 20;

    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private const string OwnPrefix = "CollectorAgent";
    private const string LogCategory = "CollectorAgent.Daemon.AgentLog";
    private static readonly EventId LinesLost = new(9000);
    private static readonly EventId LinesLeftOut = new(9001);

    private readonly LogForm _form;
    private readonly LogWriter _writer;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Category, int Id), int> _counts = [];

    /// <param name="isForJournal">Whether standard error is the journal's.</param>
    public AgentLog(bool isForJournal, TimeProvider time)
        : this(isForJournal, time, StandardStreams.WriteError)
    {
    }

    internal AgentLog(bool isForJournal, TimeProvider time, LogWriter.WriteBytes write)
    {
        _form = new LogForm(isForJournal, time);
        _writer = new LogWriter(write, text => _form.Line(LogLevel.Warning, LogCategory, LinesLost, text, null));
        _timer = time.CreateTimer(_ => BeginPeriod(), null, Period, Period);
    }

    /// <summary>Lines that were not written, since nobody took them.</summary>
    public long DroppedLines => _writer.Dropped;

    public ILogger CreateLogger(string categoryName) => new CategoryLog(this, categoryName);

    public void Dispose()
    {
        _timer.Dispose();
        BeginPeriod();
        _writer.Dispose();
    }

    private void Add(LogLevel level, string category, EventId id, string message, Exception? exception)
    {
        lock (_gate)
        {
            int count = _counts.GetValueOrDefault((category, id.Id)) + 1;
            _counts[(category, id.Id)] = count;
            if (count > Most(category))
            {
                return;
            }
        }
        _writer.Add(_form.Line(level, category, id, message, exception));
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
            _writer.Add(_form.Line(LogLevel.Warning, LogCategory, LinesLeftOut, text, null));
        }
    }

    private static int Most(string category) => category.StartsWith(OwnPrefix, StringComparison.Ordinal) ? MostOfKind : MostOfForeignKind;

    private sealed class CategoryLog(AgentLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                log.Add(logLevel, category, eventId, formatter(state, exception), exception);
            }
        }
    }
}
