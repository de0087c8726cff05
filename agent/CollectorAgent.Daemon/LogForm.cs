using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace CollectorAgent.Daemon;

/// <summary>A message of the log as one line: for the journal, which adds the time and reads the level from the line, or for anybody
/// else.</summary>
/// <param name="isForJournal">Whether standard error is the journal's.</param>
internal sealed class LogForm(bool isForJournal, TimeProvider time)
{
    /// <summary>A message, with its exception, is cut off there.</summary>
    public const int MaxCharacters = 4096;

    public string Line(LogLevel level, string category, EventId id, string message, Exception? exception)
    {
        var line = new StringBuilder();
        if (isForJournal)
        {
            line.Append(Severity(level));
        }
        else
        {
            line.Append(time.GetLocalNow().ToString("HH:mm:ss ", CultureInfo.InvariantCulture)).Append(Name(level)).Append(": ");
        }
        line.Append(category).Append('[').Append(id.Id.ToString(CultureInfo.InvariantCulture)).Append("] ");
        Append(line, exception is null ? message : $"{message} {exception}");
        return line.Append('\n').ToString();
    }

    private static void Append(StringBuilder line, string text)
    {
        foreach (char c in text.AsSpan(0, Math.Min(text.Length, MaxCharacters)))
        {
            line.Append(char.IsControl(c) ? ' ' : c);
        }
        if (text.Length > MaxCharacters)
        {
            line.Append(" ...");
        }
    }

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trce",
        LogLevel.Debug => "dbug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "fail",
        _ => "crit",
    };

    /// <summary>The numbers of syslog.</summary>
    private static string Severity(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "<7>",
        LogLevel.Information => "<6>",
        LogLevel.Warning => "<4>",
        LogLevel.Error => "<3>",
        _ => "<2>",
    };
}
