using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Xml;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Writes text into a pipe and hands it on in portions, so that a document of any size needs little memory.</summary>
/// <remarks>The pipe is asked for the room of a whole portion: for each number that would take longer than to write it.</remarks>
internal sealed class Utf8Output(PipeWriter pipe)
{
    // With the slack a power of two, as the arrays are that pipes rent for it.
    private const int Portion = 28 * 1024;

    // What is written between two looks at the portion.
    private const int Slack = 4 * 1024;

    /// <summary>What no document has to escape.</summary>
    public static readonly SearchValues<char> Plain = SearchValues.Create(
        [.. Enumerable.Range(' ', '\x7F' - ' ').Select(c => (char)c).Except("<>&\"\\")]);


    private Memory<byte> _room;
    private int _used;
    private int _pending;

    /// <summary>Whether it is time to flush. Writers look between pieces that are small.</summary>
    public bool IsFull => _pending + _used >= Portion;

    /// <summary>Hands on what has been written, once it is a portion.</summary>
    /// <exception cref="OperationCanceledException">The token says so, or the reader of the pipe is gone.</exception>
    public ValueTask FlushPortionAsync(CancellationToken cancellationToken) =>
        IsFull ? FlushAsync(cancellationToken) : ValueTask.CompletedTask;

    /// <inheritdoc cref="FlushPortionAsync"/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        Advance();
        _pending = 0;
        var result = await pipe.FlushAsync(cancellationToken);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("the reader of the document is gone");
        }
    }

    public void Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(Room(text.Length));
        _used += text.Length;
    }

    /// <summary>A double with 15 significant digits.</summary>
    public void Number(double value) => _used += NumberFormat.Format(value, Room(NumberFormat.MaxBytes));

    /// <summary>A double that reads back as the same.</summary>
    public void ExactNumber(double value) => _used += NumberFormat.FormatExact(value, Room(NumberFormat.MaxBytes));

    /// <summary>A row of numbers, of which a portion takes as many as it has room for.</summary>
    /// <param name="isFirst">Whether the first one stands alone; the others have the separator before them.</param>
    /// <param name="isExact">Whether they read back as the same.</param>
    /// <returns>How many.</returns>
    public int Numbers(ReadOnlySpan<double> values, Separator separator, bool isFirst, bool isExact = false)
    {
        const int Needed = Separator.MaxBytes + NumberFormat.MaxBytes;
        var room = Room(Needed);
        int count = 0;
        int at = 0;
        if (isFirst && values.Length > 0)
        {
            at = isExact ? NumberFormat.FormatExact(values[0], room) : NumberFormat.Format(values[0], room);
            count = 1;
        }
        for (; count < values.Length && room.Length - at >= Needed; count++)
        {
            var text = room.Slice(at, Needed);
            BinaryPrimitives.WriteUInt64LittleEndian(text, separator.Bytes);
            text = text[separator.Length..];
            at += separator.Length + (isExact ? NumberFormat.FormatExact(values[count], text) : NumberFormat.Format(values[count], text));
        }
        _used += at;
        return count;
    }

    public void Integer(long value)
    {
        value.TryFormat(Room(NumberFormat.MaxBytes), out int length, default, CultureInfo.InvariantCulture);
        _used += length;
    }

    /// <summary>Text of an XML element. Characters that XML cannot carry become U+FFFD.</summary>
    public void XmlText(string text) => Text(XmlEscaped(text));

    /// <summary>What stands between the quotes of a JSON string.</summary>
    public void JsonText(string text) => Text(JsonEscaped(text));

    public void Text(string text) => _used += Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length)));

    public static string JsonEscaped(string text) =>
        text.AsSpan().ContainsAnyExcept(Plain) ? JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) : text;

    public static string XmlEscaped(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Plain))
        {
            return text;
        }
        var escaped = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            _ = c switch
            {
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '&' => escaped.Append("&amp;"),
                '"' => escaped.Append("&quot;"),
                _ => escaped.Append(IsXml(c) ? c : '\uFFFD'),
            };
        }
        return escaped.ToString();
    }

    /// <summary>Half a pair is left to the encoding, which knows whether the other half is there.</summary>
    private static bool IsXml(char c) => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c);

    private Span<byte> Room(int length)
    {
        if (_room.Length - _used < length)
        {
            Advance();
            int needed = Math.Max(length, Math.Max(Portion - _pending, 0) + Slack);
            _room = pipe.GetMemory(needed)[..needed];
        }
        return _room.Span[_used..];
    }

    private void Advance()
    {
        // Some pipes do not take an advance, not even of nothing, before they have given room.
        if (_used > 0)
        {
            pipe.Advance(_used);
            _pending += _used;
            _used = 0;
        }
        _room = default;
    }
}
