using System.Globalization;
using System.Text;
using CollectorAgent.Native;
using Microsoft.Extensions.Logging;
using NLog;
using NLog.Config;
using NLog.Extensions.Logging;
using NLog.Targets;
using NLog.Targets.Wrappers;
using LogLevel = NLog.LogLevel;

namespace CollectorAgent.Daemon;

/// <summary>Where the log goes: to the targets of an <c>nlog.config</c>, or without one to standard error. Nothing waits for a target: each
/// has a queue, and what does not fit in it is lost and counted.</summary>
internal sealed class LogTargets : IDisposable
{
    /// <summary>So many lines wait for each target.</summary>
    public const int MaxQueued = 1024;

    private const int MaxConfigurationBytes = 1 << 20;

    // The id of the message.
    private const int LinesLost = 9000;

    // A target may hang for ever, and is left there.
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(1);

    private readonly LogFactory _factory = new();
    private readonly List<CountedTarget> _counted = [];

    /// <param name="isForJournal">Whether standard error is the journal's.</param>
    /// <param name="configuration">The file; without it everything goes to standard error.</param>
    /// <param name="write">Writes to standard error.</param>
    /// <exception cref="StartException">The file cannot be used.</exception>
    public LogTargets(bool isForJournal, string? configuration, StandardErrorTarget.WriteBytes write)
    {
        _factory.Setup().SetupExtensions(extensions => extensions.RegisterLayout<LineLayout>("CollectorLine"));
        var targets = configuration is not null && Path.Exists(configuration) ? Read(configuration) : ToStandardError(isForJournal, write);
        Queue(targets.LoggingRules, write);
        // A file that cannot be written is counted, whatever the configuration says of exceptions.
        _factory.ThrowExceptions = false;
        _factory.Configuration = targets;
        Provider = new NLogLoggerProvider(new NLogProviderOptions { CaptureEventId = EventIdCaptureType.EventId }, _factory);
    }

    public ILoggerProvider Provider { get; }

    /// <summary>How many lines the targets have lost.</summary>
    public long Lost => _counted.Sum(t => t.Lost);

    /// <summary>Waits a moment until what was logged is written.</summary>
    public void Dispose()
    {
        var closing = new Thread(_factory.Shutdown) { IsBackground = true, Name = "log" };
        closing.Start();
        closing.Join(StopDeadline);
    }

    private LoggingConfiguration ToStandardError(bool isForJournal, StandardErrorTarget.WriteBytes write)
    {
        var configuration = new LoggingConfiguration(_factory);
        var target = new StandardErrorTarget(write) { Layout = new LineLayout { IsForJournal = isForJournal } };
        configuration.AddRule(LogLevel.Trace, LogLevel.Fatal, target);
        return configuration;
    }

    private XmlLoggingConfiguration Read(string file)
    {
        try
        {
            _factory.ThrowConfigExceptions = true;
            using var text = new StreamReader(new MemoryStream(SmallFile.ReadLinked(file, MaxConfigurationBytes)));
            var targets = new XmlLoggingConfiguration(text, file, _factory) { AutoReload = false };
            // Tries whether its targets have what they need.
            _factory.Configuration = targets;
            _factory.Configuration = null;
            return targets;
        }
        catch (Exception e) when (e is NLogConfigurationException or NLogRuntimeException or IOException or UnauthorizedAccessException)
        {
            string reason = e.GetBaseException().Message.TrimEnd('.');
            throw new StartException($"{file} cannot be used: {reason}. Mend it, or remove it to log to standard error.", e);
        }
    }

    /// <summary>Puts a queue before each target. What is read again later would have none, so nothing is.</summary>
    private void Queue(IEnumerable<LoggingRule> rules, StandardErrorTarget.WriteBytes write)
    {
        foreach (var rule in rules)
        {
            for (int i = 0; i < rule.Targets.Count; i++)
            {
                rule.Targets[i] = Queued(rule.Targets[i], write);
            }
#pragma warning disable CS0618 // NLog advises against nested rules, and still follows them.
            Queue(rule.ChildRules, write);
#pragma warning restore CS0618
        }
    }

    private AsyncTargetWrapper Queued(Target target, StandardErrorTarget.WriteBytes write)
    {
        var counted = new CountedTarget(target, Notice, failure => SayFailed(target, failure, write));
        var queued = new AsyncTargetWrapper(counted, MaxQueued, AsyncTargetWrapperOverflowAction.Discard) { TimeToSleepBetweenBatches = 0 };
        queued.LogEventDropped += (_, _) => counted.Lose();
        _counted.Add(counted);
        return queued;
    }

    /// <summary>Who looks for a log that is not there looks at standard error next.</summary>
    private static void SayFailed(Target target, Exception failure, StandardErrorTarget.WriteBytes write)
    {
        if (target is StandardErrorTarget)
        {
            return;
        }
        try
        {
            write(Encoding.UTF8.GetBytes($"collector-agent: the log's target '{target.Name}' takes no lines: {failure.GetBaseException().Message}\n"));
        }
        catch (IOException)
        {
            // The lines are counted.
        }
    }

    private static LogEventInfo Notice(long count)
    {
        var notice = LogEventInfo.Create(
            LogLevel.Warn,
            typeof(AgentLog).FullName,
            null,
            string.Create(CultureInfo.InvariantCulture, $"{count} lines of the log were lost: they were not read, or could not be written"));
        notice.Properties["EventId"] = LinesLost;
        return notice;
    }
}
