namespace CollectorAgent.Sdk;

/// <summary>Walks through the lines of a kernel file. A last line without its line feed is cut off, so it is none.</summary>
/// <param name="text">The whole file.</param>
public ref struct LineReader(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;

    /// <summary>Whether the text ended in the middle of a line.</summary>
    public bool IsCutOff { get; private set; }

    /// <summary>The next line, without its end.</summary>
    public bool TryNext(out FieldReader line)
    {
        int end = _rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            IsCutOff = !_rest.IsEmpty;
            line = default;
            return false;
        }
        line = new FieldReader(_rest[..end]);
        _rest = _rest[(end + 1)..];
        return true;
    }
}
