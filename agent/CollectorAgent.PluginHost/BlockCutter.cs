using System.Buffers;

namespace CollectorAgent.PluginHost;

/// <summary>Cuts what a program prints into blocks: lines up to an empty one or <c># EOF</c>, and of a program that has once ended a block
/// with <c># EOF</c> up to that alone.</summary>
internal sealed class BlockCutter
{
    /// <summary>The longest line, in bytes, its end included.</summary>
    public const int MaxLineBytes = 8 << 10;

    /// <summary>The most lines of a block.</summary>
    public const int MaxLines = 32768;

    /// <summary>The most bytes from one sample to the next.</summary>
    public const int MaxBytes = 1 << 20;

    private readonly ArrayBufferWriter<byte> _block = new();
    private int _bytes;
    private int _lines;
    private int _lineStart;

    /// <summary>A block ends with <c># EOF</c>, and an empty line within it means nothing.</summary>
    public bool IsByEof { get; set; }

    /// <summary>Bytes may come anew.</summary>
    public void Ask() => _bytes = 0;

    /// <summary>Takes what was printed.</summary>
    /// <param name="whole">Called with each block that it ends.</param>
    /// <returns>What is too much; null where nothing is.</returns>
    public string? Append(ReadOnlySpan<byte> printed, Action<byte[]> whole)
    {
        _bytes += printed.Length;
        if (_bytes > MaxBytes)
        {
            return $"printed more than {MaxBytes} bytes for one sample";
        }
        while (!printed.IsEmpty)
        {
            int end = printed.IndexOf((byte)'\n');
            _block.Write(end < 0 ? printed : printed[..(end + 1)]);
            printed = end < 0 ? default : printed[(end + 1)..];
            if (_block.WrittenCount - _lineStart > MaxLineBytes)
            {
                return $"printed a line longer than {MaxLineBytes} bytes";
            }
            if (end >= 0)
            {
                EndLine(whole);
                if (_lines > MaxLines)
                {
                    return $"printed more than {MaxLines} lines for one sample";
                }
            }
        }
        return null;
    }

    /// <summary>Ends the block behind its last whole line.</summary>
    /// <returns>The block; null where there is no line.</returns>
    public byte[]? End() => _lines == 0 ? null : Cut(_lineStart);

    /// <summary>Ends the block behind the last byte.</summary>
    /// <returns>The block, which may be empty.</returns>
    public byte[] EndOfOutput() => Cut(_block.WrittenCount);

    private void EndLine(Action<byte[]> whole)
    {
        var line = _block.WrittenSpan[_lineStart..].TrimEnd("\r\n \t"u8);
        if (line.IsEmpty && _lines == 0)
        {
            // Empty lines between blocks.
            _block.ResetWrittenCount();
            return;
        }
        _lines++;
        _lineStart = _block.WrittenCount;
        bool isEof = line.SequenceEqual("# EOF"u8);
        IsByEof |= isEof;
        if (isEof || (line.IsEmpty && !IsByEof))
        {
            whole(Cut(_lineStart));
        }
    }

    private byte[] Cut(int length)
    {
        byte[] block = _block.WrittenSpan[..length].ToArray();
        byte[] rest = _block.WrittenSpan[length..].ToArray();
        _block.ResetWrittenCount();
        _block.Write(rest);
        _lines = 0;
        _lineStart = 0;
        return block;
    }
}
