using System.Globalization;

namespace CollectorAgent.Protocol;

/// <summary>Says what was left out of a reading, in the strings of the reading before where it is the same.</summary>
internal sealed class LeftOutTexts
{
    /// <summary>What is left out beyond so many is counted only.</summary>
    public const int Max = 100;

    // Room for the longest name and a reason.
    private readonly char[] _text = new char[ReportedSource.MaxNameLength + 256];
    private readonly List<string> _texts = [];
    private string[] _previous = [];
    private int _more;

    public void Begin()
    {
        _texts.Clear();
        _more = 0;
    }

    /// <param name="kind">A family, or a series of it.</param>
    /// <param name="reason">Ours: short, whatever the other side says.</param>
    public void Add(string kind, ReadOnlySpan<char> name, string reason)
    {
        if (_texts.Count == Max)
        {
            _more++;
            return;
        }
        _text.AsSpan().TryWrite(CultureInfo.InvariantCulture, $"{kind} {name}: {reason}", out int length);
        var text = _text.AsSpan(0, length);
        // One line of a family after the other may say the same.
        if (_texts.Count == 0 || !text.SequenceEqual(_texts[^1]))
        {
            Take(text);
        }
    }

    /// <summary>The texts of this reading; the same array while they are the same.</summary>
    public string[] End()
    {
        if (_more > 0)
        {
            _text.AsSpan().TryWrite(CultureInfo.InvariantCulture, $"{_more} more", out int length);
            Take(_text.AsSpan(0, length));
        }
        if (!_previous.AsSpan().SequenceEqual(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_texts)))
        {
            _previous = [.. _texts];
        }
        return _previous;
    }

    private void Take(ReadOnlySpan<char> text)
    {
        string? likely = _texts.Count < _previous.Length ? _previous[_texts.Count] : null;
        _texts.Add(likely is not null && text.SequenceEqual(likely) ? likely : text.ToString());
    }
}
