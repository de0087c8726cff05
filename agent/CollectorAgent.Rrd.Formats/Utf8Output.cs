using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Xml;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Writes text into a pipe and hands it on in portions, so that a document of any size needs little memory.</summary>
internal sealed class Utf8Output(PipeWriter pipe)
{
    private const int Portion = 32 * 1024;

    private int _pending;

    /// <summary>Hands on what has been written, once it is a portion. Writers call it between rows.</summary>
    /// <exception cref="OperationCanceledException">The token says so, or the reader of the pipe is gone.</exception>
    public ValueTask FlushPortionAsync(CancellationToken cancellationToken) =>
        _pending < Portion ? ValueTask.CompletedTask : FlushAsync(cancellationToken);

    /// <inheritdoc cref="FlushPortionAsync"/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        _pending = 0;
        var result = await pipe.FlushAsync(cancellationToken);
        if (result.IsCompleted || result.IsCanceled)
        {
            throw new OperationCanceledException("the reader of the document is gone");
        }
    }

    public void Raw(ReadOnlySpan<byte> text)
    {
        text.CopyTo(pipe.GetSpan(text.Length));
        Advance(text.Length);
    }

    /// <summary>A double with 15 significant digits.</summary>
    public void Number(double value) => Advance(NumberFormat.Format(value, pipe.GetSpan(NumberFormat.MaxBytes)));

    /// <summary>A double that reads back as the same.</summary>
    public void ExactNumber(double value) => Advance(NumberFormat.FormatExact(value, pipe.GetSpan(NumberFormat.MaxBytes)));

    public void Integer(long value)
    {
        value.TryFormat(pipe.GetSpan(NumberFormat.MaxBytes), out int length, default, CultureInfo.InvariantCulture);
        Advance(length);
    }

    /// <summary>Text of an XML element. Characters that XML cannot carry become U+FFFD.</summary>
    public void XmlText(string text) => Text(text.Any(c => c is '<' or '>' or '&' or '"' || !IsXml(c)) ? XmlEscaped(text) : text);

    /// <summary>A JSON string with its quotes.</summary>
    public void JsonString(string text)
    {
        Raw("\""u8);
        Text(JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text));
        Raw("\""u8);
    }

    private static string XmlEscaped(string text)
    {
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

    public void Text(string text)
    {
        int length = Encoding.UTF8.GetBytes(text, pipe.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length)));
        Advance(length);
    }

    private void Advance(int length)
    {
        pipe.Advance(length);
        _pending += length;
    }
}
