using System.Text;

namespace CollectorAgent.Cli;

/// <summary>Rows of cells under headings, each column as wide as its widest cell.</summary>
/// <param name="headings">A heading that begins with '&gt;' makes its column end flush.</param>
internal sealed class TextTable(params string[] headings)
{
    private const string Gap = "  ";

    private readonly List<string[]> _rows = [[.. headings.Select(h => h.TrimStart('>'))]];

    public void Add(params string[] cells) => _rows.Add([.. cells.Select(Printable.Of)]);

    /// <summary>The lines, without the blanks at their ends.</summary>
    public IEnumerable<string> Lines()
    {
        int[] widths = [.. headings.Select((_, i) => _rows.Max(r => r[i].Length))];
        foreach (string[] row in _rows)
        {
            var line = new StringBuilder();
            for (int i = 0; i < row.Length; i++)
            {
                line.Append(i == 0 ? "" : Gap);
                line.Append(headings[i].StartsWith('>') ? row[i].PadLeft(widths[i]) : row[i].PadRight(widths[i]));
            }
            yield return line.ToString().TrimEnd();
        }
    }
}
