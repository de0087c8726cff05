namespace CollectorAgent.Plugins;

/// <summary>What a plugin has said of its trouble, in one line: of a burst of lines the first, which others explain.</summary>
/// <param name="time">Tells one burst from the next.</param>
internal sealed class LastWords(TimeProvider time)
{
    // As the SDK says it.
    private const string NoSample = "no sample: ";

    // Of Python, where the reason comes last.
    private const string Traceback = "Traceback (most recent call last)";

    private const int MaxLength = 200;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly Lock _gate = new();
    private string _first = "";
    private string _noSample = "";
    private bool _isError;
    private bool _isTraceback;
    private long _heard;

    /// <summary>What is wrong; empty where nothing was said.</summary>
    public string Text
    {
        get
        {
            lock (_gate)
            {
                string text = _noSample.Length == 0 ? _first : _first.Length == 0 ? _noSample : $"{_noSample}: {_first}";
                return text.Length > MaxLength ? text[..MaxLength] + "…" : text;
            }
        }
    }

    /// <summary>The same, of what came on standard error.</summary>
    public string Errors => _isError ? Text : "";

    /// <summary>Takes a line.</summary>
    /// <param name="isError">It came on standard error, which counts before the other.</param>
    public void Note(string line, bool isError)
    {
        lock (_gate)
        {
            if (string.IsNullOrWhiteSpace(line) || (_isError && !isError))
            {
                return;
            }
            bool isNewBurst = time.GetElapsedTime(_heard) > Pause || (isError && !_isError);
            _heard = time.GetTimestamp();
            _isError |= isError;
            if (isNewBurst)
            {
                (_first, _isTraceback) = ("", false);
            }
            if (line.StartsWith(NoSample, StringComparison.Ordinal))
            {
                _noSample = line[NoSample.Length..];
            }
            else if (_first.Length == 0 || _isTraceback)
            {
                _isTraceback |= line.StartsWith(Traceback, StringComparison.Ordinal);
                _first = line.Trim();
            }
        }
    }

    /// <summary>Forgets what was said.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            (_first, _noSample, _isError, _isTraceback) = ("", "", false, false);
        }
    }
}
