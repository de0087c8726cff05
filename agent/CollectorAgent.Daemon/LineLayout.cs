using System.Globalization;
using System.Text;
using NLog;
using NLog.Config;
using NLog.Layouts;

namespace CollectorAgent.Daemon;

/// <summary>A message of the log as one line: for the journal, which adds the time and reads the level from the line, or for anybody
/// else. In an <c>nlog.config</c> it is the layout <c>CollectorLine</c>.</summary>
[ThreadAgnostic]
internal sealed class LineLayout : Layout
{
    /// <summary>Whether the journal reads it.</summary>
    public bool IsForJournal { get; set; }

    protected override string GetFormattedMessage(LogEventInfo logEvent)
    {
        var line = new StringBuilder();
        if (IsForJournal)
        {
            line.Append(Severity(logEvent.Level));
        }
        else
        {
            line.Append(logEvent.TimeStamp.ToString("yyyy-MM-dd HH:mm:ss ", CultureInfo.InvariantCulture)).Append(Name(logEvent.Level)).Append(": ");
        }
        line.Append(logEvent.LoggerName).Append('[').Append(Id(logEvent)).Append("] ");
        Append(line, logEvent.Exception is { } exception ? $"{logEvent.FormattedMessage} {exception}" : logEvent.FormattedMessage);
        return line.ToString();
    }

    private static object Id(LogEventInfo logEvent) => logEvent.Properties.TryGetValue("EventId", out object? id) && id is not null ? id : 0;

    private static void Append(StringBuilder line, string text)
    {
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, AgentLog.MaxCharacters)))
        {
            line.Append(char.IsControl(c) ? ' ' : c);
        }
        if (text.Length > AgentLog.MaxCharacters)
        {
            line.Append(" ...");
        }
    }

    private static string Name(LogLevel level) => level.Ordinal switch
    {
        0 => "trce",
        1 => "dbug",
        2 => "info",
        3 => "warn",
        4 => "fail",
        _ => "crit",
    };

    /// <summary>The numbers of syslog.</summary>
    private static string Severity(LogLevel level) => level.Ordinal switch
    {
        0 or 1 => "<7>",
        2 => "<6>",
        3 => "<4>",
        4 => "<3>",
        _ => "<2>",
    };
}
