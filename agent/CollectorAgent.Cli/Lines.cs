using System.Text;

namespace CollectorAgent.Cli;

/// <summary>Text for people, in lines that a terminal shows whole.</summary>
internal static class Lines
{
    /// <summary>The longest line.</summary>
    public const int Width = 100;

    private const string Indent = "    ";

    /// <summary>A sentence in as many lines as it takes; all but the first are indented.</summary>
    public static IEnumerable<string> Wrap(string text)
    {
        var line = new StringBuilder();
        foreach (string word in Printable.Of(text).Split(' ').SelectMany(Pieces))
        {
            if (line.Length > Indent.Length && line.Length + 1 + word.Length > Width)
            {
                yield return line.ToString();
                line.Clear().Append(Indent).Append(word);
            }
            else
            {
                line.Append(line.Length > 0 ? " " : "").Append(word);
            }
        }
        yield return line.ToString();
    }

    /// <summary>A text that fits into a cell; what is left out is a dot sign.</summary>
    public static string Cut(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "…";

    private static IEnumerable<string> Pieces(string word) =>
        word.Length <= Width - Indent.Length ? [word] : word.Chunk(Width - Indent.Length).Select(c => new string(c));
}
