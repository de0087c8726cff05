namespace CollectorAgent.Cli;

/// <summary>Text of others that is about to reach a terminal.</summary>
internal static class Printable
{
    /// <summary>The text with a question mark for every control character: none of it can steer the terminal.</summary>
    public static string Of(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;
}
