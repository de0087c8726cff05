using System.Globalization;
using System.Text.RegularExpressions;

namespace CollectorAgent.Cli;

/// <summary>A line of an agent's log on a console.</summary>
/// <param name="Id">What it speaks of; the agent never gives an id another meaning.</param>
internal sealed partial record AgentLogLine(int Id, bool IsWarning, string Text)
{
    /// <summary>A page that is not read.</summary>
    public const int PageUnusable = 3000;

    /// <summary>What a plugin prints; a warning where it is on standard error.</summary>
    public const int PluginSays = 3015;

    /// <returns>Null where it is no line of the log.</returns>
    public static AgentLogLine? Parse(string line) =>
        Form().Match(line) is { Success: true } match && int.TryParse(match.Groups["id"].ValueSpan, CultureInfo.InvariantCulture, out int id)
            ? new AgentLogLine(id, match.Groups["level"].Value is "warn" or "fail" or "crit", match.Groups["text"].Value)
            : null;

    [GeneratedRegex(@"^[0-9-]+ [0-9:]+ (?<level>[a-z]+): [\w.]+\[(?<id>[0-9]+)\] (?<text>.*)$", RegexOptions.ExplicitCapture)]
    private static partial Regex Form();
}
