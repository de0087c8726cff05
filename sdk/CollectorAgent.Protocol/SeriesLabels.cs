using System.Buffers;
using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>The labels of one series, sorted by name, and the name they make.</summary>
/// <remarks>
/// Two sets of labels never make one name: what would be ambiguous in a value, and what readers split names at, is percent-encoded. A label
/// without a value is none, as OpenMetrics has it. The label <c>owner</c> is kept apart.
/// </remarks>
internal sealed class SeriesLabels
{
    /// <summary>A series with more labels is left out.</summary>
    public const int MaxLabels = 64;

    /// <summary>A series with more bytes in its labels is left out.</summary>
    public const int MaxBytes = 4096;

    // ASCII that stands for itself.
    private static readonly SearchValues<byte> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', 0x7f - ' ').Select(c => (byte)c).Except("%,{}=:\""u8.ToArray())]);

    private readonly byte[] _bytes = new byte[MaxBytes];
    private readonly Label[] _labels = new Label[MaxLabels];

    // One character more than a name may have: a name that fills it is too long.
    private readonly char[] _name = new char[ReportedSource.MaxNameLength + 1];

    private int _count;
    private int _used;
    private (int Start, int Length) _owner;
    private bool _hasOwner;
    private (int Place, int Used) _extra;

    /// <summary>More labels, or longer ones, than there may be; some are missing here.</summary>
    public bool AreTooMany { get; private set; }

    /// <summary>Whom the series describes; empty where no label says it.</summary>
    public ReadOnlySpan<byte> Owner => _bytes.AsSpan(_owner.Start, _owner.Length);

    public void Clear()
    {
        _count = 0;
        _used = 0;
        _owner = default;
        _hasOwner = false;
        _extra.Place = -1;
        AreTooMany = false;
    }

    /// <param name="isEscaped">Backslashes in the value escape what follows them.</param>
    /// <exception cref="FormatException">The label is there already.</exception>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, bool isEscaped)
    {
        if (value.IsEmpty || AreTooMany)
        {
            return;
        }
        if (_count == MaxLabels || name.Length + value.Length > MaxBytes - _used)
        {
            AreTooMany = true;
            return;
        }
        var label = new Label(_used, name.Length, _used + name.Length, 0);
        name.CopyTo(_bytes.AsSpan(label.NameStart));
        var room = _bytes.AsSpan(label.ValueStart);
        label = label with { ValueLength = isEscaped ? OpenMetricsText.Unescape(value, room) : Copy(value, room) };
        if (name.SequenceEqual("owner"u8))
        {
            if (_hasOwner)
            {
                throw Twice(name);
            }
            _hasOwner = true;
            _owner = (label.ValueStart, label.ValueLength);
        }
        else
        {
            Insert(label);
        }
        _used = label.ValueStart + label.ValueLength;
    }

    /// <summary>Adds the label that tells the numbers of one metric apart, in the place of the one that was added so before.</summary>
    public void SetExtra(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        RemoveExtra();
        if (name.SequenceEqual("owner"u8))
        {
            // A state set of that name would say whom it describes, and no state: without its label it is left out.
            return;
        }
        (int count, int used) = (_count, _used);
        Add(name, value, isEscaped: false);
        _extra = (_count > count ? IndexOf(name) : -1, used);
    }

    public void RemoveExtra()
    {
        if (_extra.Place >= 0)
        {
            _labels.AsSpan(_extra.Place + 1, _count - _extra.Place - 1).CopyTo(_labels.AsSpan(_extra.Place));
            _count--;
            _used = _extra.Used;
            _extra.Place = -1;
        }
    }

    public bool Has(ReadOnlySpan<byte> name) => IndexOf(name) >= 0;

    /// <summary>The name of the data source: <c>name{a=x,b=y}</c>.</summary>
    /// <param name="fits">False: it is longer than names may be, and cut off.</param>
    /// <returns>Valid until the next call.</returns>
    public ReadOnlySpan<char> MakeName(string family, ReadOnlySpan<byte> suffix, out bool fits)
    {
        int length = 0;
        Put(family, ref length);
        PutAscii(suffix, ref length);
        for (int i = 0; i < _count; i++)
        {
            var label = _labels[i];
            Put(i == 0 ? "{" : ",", ref length);
            PutAscii(NameOf(label), ref length);
            Put("=", ref length);
            PutEncoded(_bytes.AsSpan(label.ValueStart, label.ValueLength), ref length);
        }
        if (_count > 0)
        {
            Put("}", ref length);
        }
        fits = length <= ReportedSource.MaxNameLength;
        return _name.AsSpan(0, Math.Min(length, ReportedSource.MaxNameLength));
    }

    private static int Copy(ReadOnlySpan<byte> value, Span<byte> room)
    {
        value.CopyTo(room);
        return value.Length;
    }

    private void Insert(Label label)
    {
        int place = _count;
        for (; place > 0; place--)
        {
            int order = NameOf(label).SequenceCompareTo(NameOf(_labels[place - 1]));
            if (order == 0)
            {
                throw Twice(NameOf(label));
            }
            if (order > 0)
            {
                break;
            }
            _labels[place] = _labels[place - 1];
        }
        _labels[place] = label;
        _count++;
    }

    private int IndexOf(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < _count; i++)
        {
            if (NameOf(_labels[i]).SequenceEqual(name))
            {
                return i;
            }
        }
        return -1;
    }

    private ReadOnlySpan<byte> NameOf(Label label) => _bytes.AsSpan(label.NameStart, label.NameLength);

    private static FormatException Twice(ReadOnlySpan<byte> name) => new($"the label {Foreign.Shown(name)} stands twice in one series");

    private void PutEncoded(ReadOnlySpan<byte> value, ref int length)
    {
        Span<char> characters = stackalloc char[2];
        while (!value.IsEmpty && length < _name.Length)
        {
            int plain = value.IndexOfAnyExcept(Plain);
            PutAscii(plain < 0 ? value : value[..plain], ref length);
            value = plain < 0 ? default : value[plain..];
            if (value.IsEmpty)
            {
                return;
            }
            Rune.DecodeFromUtf8(value, out var rune, out int bytes);
            if (rune.IsAscii || Rune.IsControl(rune))
            {
                foreach (byte b in value[..bytes])
                {
                    Put(['%', HexDigit(b >> 4), HexDigit(b & 15)], ref length);
                }
            }
            else
            {
                Put(characters[..rune.EncodeToUtf16(characters)], ref length);
            }
            value = value[bytes..];
        }
    }

    private static char HexDigit(int digit) => "0123456789ABCDEF"[digit];

    private void PutAscii(ReadOnlySpan<byte> text, ref int length)
    {
        if (length < _name.Length)
        {
            Ascii.ToUtf16(text[..Math.Min(text.Length, _name.Length - length)], _name.AsSpan(length), out _);
            length += text.Length;
        }
    }

    /// <summary>Puts what there is room for. The length grows beyond the room by no more than the last text.</summary>
    private void Put(ReadOnlySpan<char> text, ref int length)
    {
        if (length < _name.Length)
        {
            text[..Math.Min(text.Length, _name.Length - length)].CopyTo(_name.AsSpan(length));
            length += text.Length;
        }
    }

    private readonly record struct Label(int NameStart, int NameLength, int ValueStart, int ValueLength);
}
