using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;

namespace CollectorAgent.Http;

/// <summary>Copies the requests of one connection, each with the one Host header that the server wants to see. See RFC 9112.</summary>
/// <remarks>It follows the bodies only to find the heads behind them. What it does not understand it leaves as it is, with all that comes
/// after: the server refuses that and ends the connection.</remarks>
internal sealed class HostHeaderFilter(PipeReader input, PipeWriter output)
{
    // Longer ones are not for the server either.
    private const int MaxLineBytes = 64 << 10;

    private State _state = State.RequestLine;
    private long _left;
    private long? _length;
    private bool _isChunked;

    private enum State
    {
        RequestLine,
        Header,
        Body,
        ChunkSize,
        Chunk,
        Trailer,
        Rest,
    }

    private static ReadOnlySpan<byte> Own => "Host: localhost\r\n"u8;

    /// <summary>Copies until one of both ends.</summary>
    public async Task RunAsync()
    {
        Exception? failure = null;
        try
        {
            ReadResult read;
            do
            {
                read = await input.ReadAsync();
                var rest = Take(read.Buffer, read.IsCompleted);
                input.AdvanceTo(rest.Start, rest.End);
                if ((await output.FlushAsync()).IsCompleted)
                {
                    break;
                }
            }
            while (!read.IsCompleted && !read.IsCanceled);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            failure = e;
        }
        await output.CompleteAsync(failure);
    }

    /// <returns>What is not taken yet: part of a line.</returns>
    private ReadOnlySequence<byte> Take(ReadOnlySequence<byte> bytes, bool isAll)
    {
        while (!bytes.IsEmpty)
        {
            if (_state is State.Body or State.Chunk or State.Rest)
            {
                long count = _state == State.Rest ? bytes.Length : Math.Min(_left, bytes.Length);
                Copy(bytes.Slice(0, count));
                bytes = bytes.Slice(count);
                _left -= count;
                if (_left == 0 && _state != State.Rest)
                {
                    _state = _state == State.Body ? State.RequestLine : State.ChunkSize;
                }
            }
            else if (bytes.PositionOf((byte)'\n') is { } end)
            {
                var line = bytes.Slice(0, bytes.GetPosition(1, end));
                bytes = bytes.Slice(line.End);
                TakeLine(line.Length <= MaxLineBytes ? line.ToArray() : null, line);
            }
            else if (isAll || bytes.Length > MaxLineBytes)
            {
                _state = State.Rest;
            }
            else
            {
                break;
            }
        }
        return bytes;
    }

    /// <param name="line">With its end; null where it is too long to look at.</param>
    private void TakeLine(byte[]? line, ReadOnlySequence<byte> bytes)
    {
        var text = line.AsSpan().TrimEnd("\r\n"u8);
        if (line is null)
        {
            _state = State.Rest;
        }
        else if (_state == State.Header && Value(text, "Host"u8, out _))
        {
            return;
        }
        Copy(bytes);
        switch (_state)
        {
            case State.RequestLine when !text.IsEmpty:
                output.Write(Own);
                (_state, _length, _isChunked) = (State.Header, null, false);
                break;
            case State.Header when text.IsEmpty:
                _left = _isChunked ? 0 : _length ?? 0;
                _state = _isChunked ? State.ChunkSize : _left > 0 ? State.Body : State.RequestLine;
                break;
            case State.Header:
                TakeHeader(text);
                break;
            case State.ChunkSize:
                TakeChunkSize(text);
                break;
            case State.Trailer when text.IsEmpty:
                _state = State.RequestLine;
                break;
        }
    }

    private void TakeHeader(ReadOnlySpan<byte> text)
    {
        if (Value(text, "Content-Length"u8, out var length))
        {
            bool isFirst = _length is null;
            _length = Utf8Parser.TryParse(length, out long bytes, out int read) && read == length.Length && bytes >= 0 ? bytes : -1;
            _state = isFirst && _length >= 0 ? _state : State.Rest;
        }
        else if (Value(text, "Transfer-Encoding"u8, out var encoding))
        {
            _isChunked = Ascii.EqualsIgnoreCase(encoding, "chunked"u8);
            _state = _isChunked ? _state : State.Rest;
        }
    }

    private void TakeChunkSize(ReadOnlySpan<byte> text)
    {
        bool isSize = Utf8Parser.TryParse(text, out long size, out int read, 'x') && size >= 0;
        if (isSize && (read == text.Length || text[read] is (byte)';' or (byte)' ' or (byte)'\t'))
        {
            // With the end of the line behind it.
            _left = size + 2;
            _state = size == 0 ? State.Trailer : size > long.MaxValue - 2 ? State.Rest : State.Chunk;
        }
        else
        {
            _state = State.Rest;
        }
    }

    private static bool Value(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        bool isIt = text.Length > name.Length && text[name.Length] == ':' && Ascii.EqualsIgnoreCase(text[..name.Length], name);
        value = isIt ? text[(name.Length + 1)..].Trim(" \t"u8) : default;
        return isIt;
    }

    private void Copy(ReadOnlySequence<byte> bytes)
    {
        foreach (var part in bytes)
        {
            output.Write(part.Span);
        }
    }
}
