using System.Globalization;

namespace CollectorAgent.Cli;

/// <summary>Shows blocks of lines: each over the last one on a terminal, each below the last one elsewhere.</summary>
/// <param name="output">Where to.</param>
/// <param name="size">Columns and rows of the terminal, asked for anew each time; null where there is none.</param>
internal sealed class Screen(TextWriter output, Func<(int Width, int Height)>? size)
{
    private const string ClearScreen = "\e[2J";
    private const string Home = "\e[H";
    private const string ClearLine = "\e[K";
    private const string ClearBelow = "\e[J";

    private const int UsualWidth = 80;
    private const int UsualHeight = 24;

    private bool _isUsed;

    /// <summary>The terminal that standard output is, if it is one.</summary>
    public static Screen Of(TextWriter output) =>
        new(output, Console.IsOutputRedirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb" ? null : Size);

    public async Task ShowAsync(IReadOnlyList<string> lines)
    {
        await output.WriteAsync(size is null ? Below(lines) : Over(lines, size()));
        await output.FlushAsync();
        _isUsed = true;
    }

    private string Below(IReadOnlyList<string> lines) => (_isUsed ? "\n" : "") + string.Concat(lines.Select(l => l + "\n"));

    private string Over(IReadOnlyList<string> lines, (int Width, int Height) terminal)
    {
        // The cursor rests on the last line.
        int room = Math.Max(1, terminal.Height - 1);
        IEnumerable<string> shown = lines.Count <= room
            ? lines
            : lines.Take(room - 1).Append(string.Create(
                CultureInfo.InvariantCulture, $"… {lines.Count - room + 1} more: name a filter, or enlarge the terminal"));
        return (_isUsed ? Home : ClearScreen + Home) + string.Concat(shown.Select(l => Cut(l, terminal.Width) + ClearLine + "\n")) + ClearBelow;
    }

    private static string Cut(string line, int width) => line.Length > width ? line[..width] : line;

    private static (int Width, int Height) Size()
    {
        int width = Console.WindowWidth;
        int height = Console.WindowHeight;
        return (width > 0 ? width : UsualWidth, height > 0 ? height : UsualHeight);
    }
}
