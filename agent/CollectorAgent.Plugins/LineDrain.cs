namespace CollectorAgent.Plugins;

/// <summary>Reads what a plugin prints, so that it never waits, and hands on what fits into a log.</summary>
/// <param name="time">Tells when a new stretch begins.</param>
/// <param name="write">Takes one line.</param>
internal sealed class LineDrain(TimeProvider time, Action<string> write)
{
    /// <summary>Longer lines are cut.</summary>
    public const int MaxLineLength = 1024;

    /// <summary>More lines in one stretch are counted only.</summary>
    public const int MaxLines = 50;

    public static readonly TimeSpan Stretch = TimeSpan.FromSeconds(10);

    private readonly char[] _line = new char[MaxLineLength];
    private int _length;
    private bool _isCut;
    private readonly LogLimit _limit = new(MaxLines, Stretch, time);

    /// <summary>Reads to the end.</summary>
    public async Task RunAsync(StreamReader reader)
    {
        char[] portion = new char[4096];
        int count;
        while ((count = await reader.ReadAsync(portion)) > 0)
        {
            foreach (char c in portion.AsSpan(0, count))
            {
                Take(c);
            }
        }
        if (_length > 0)
        {
            EndLine();
        }
        SayLeftOut(_limit.TakeLeftOut());
    }

    private void Take(char c)
    {
        if (c == '\n')
        {
            EndLine();
        }
        else if (_length == MaxLineLength)
        {
            _isCut = true;
        }
        else if (c != '\r')
        {
            // A terminal, or who reads the log with a program, takes a control character for a command.
            _line[_length++] = char.IsControl(c) && c != '\t' ? '?' : c;
        }
    }

    private void EndLine()
    {
        bool passes = _limit.TryPass(out long leftOut);
        SayLeftOut(leftOut);
        if (passes)
        {
            write(new string(_line, 0, _length) + (_isCut ? "…" : ""));
        }
        _length = 0;
        _isCut = false;
    }

    private void SayLeftOut(long count)
    {
        if (count > 0)
        {
            write(FormattableString.Invariant($"({count} more lines are left out)"));
        }
    }
}
