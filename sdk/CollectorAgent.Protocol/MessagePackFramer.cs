namespace CollectorAgent.Protocol;

/// <summary>Finds where each message of a stream ends, however the stream is cut, and looks at each byte once.</summary>
/// <remarks>Messages follow each other without lengths between them. What is declared is not believed: a message that would be longer than
/// <see cref="SocketRpc.MaxMessageBytes"/> is refused when it says so, before its bytes have come.</remarks>
public sealed class MessagePackFramer
{
    // Values still to come in each array and map that is open.
    private readonly long[] _open = new long[SocketRpc.MaxDepth];
    private int _depth;

    private MessagePackCode _code;
    private int _lengthBytesToCome;
    private uint _length;
    private long _bytesToCome;

    /// <summary>Bytes seen of the message that has not ended.</summary>
    public int Seen { get; private set; }

    /// <summary>Looks at the bytes that follow those it was given before.</summary>
    /// <param name="bytes">More of the stream.</param>
    /// <param name="taken">How many of them belong to the message.</param>
    /// <returns>Whether the message ends with them; what follows then is the next one. Otherwise all were taken.</returns>
    /// <exception cref="MessagePackFormatException">It is no MessagePack, too long or nested too deep. The framer is of no use any more.</exception>
    public bool TryFindEnd(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        while (taken < bytes.Length)
        {
            if (_bytesToCome > 0)
            {
                int count = (int)Math.Min(_bytesToCome, bytes.Length - taken);
                taken += count;
                Seen += count;
                _bytesToCome -= count;
                if (_bytesToCome > 0)
                {
                    return false;
                }
            }
            else if (!TakeHeader(bytes[taken++]) || _bytesToCome > 0)
            {
                continue;
            }
            if (IsMessageOver())
            {
                Seen = 0;
                return true;
            }
        }
        return false;
    }

    /// <returns>Whether it was the last byte of the header of a value, not of an array or map with something in it.</returns>
    private bool TakeHeader(byte next)
    {
        Seen++;
        if (_lengthBytesToCome > 0)
        {
            _length = _length << 8 | next;
            _lengthBytesToCome--;
        }
        else
        {
            _code = MessagePackCode.Of(next);
            _length = _code.Length;
            _lengthBytesToCome = _code.LengthBytes;
        }
        if (_lengthBytesToCome > 0)
        {
            return false;
        }
        long values = (long)_length * _code.ValuesPerItem;
        _bytesToCome = _code.ValuesPerItem > 0 ? 0 : _length + (long)_code.ExtraBytes;
        // A value has at least one byte.
        if (Seen + _bytesToCome + values > SocketRpc.MaxMessageBytes)
        {
            throw new MessagePackFormatException($"a message has at most {SocketRpc.MaxMessageBytes} bytes");
        }
        if (values == 0)
        {
            return true;
        }
        if (_depth == SocketRpc.MaxDepth)
        {
            throw new MessagePackFormatException($"more than {SocketRpc.MaxDepth} arrays and maps in each other");
        }
        _open[_depth++] = values;
        return false;
    }

    /// <summary>A value has ended, and with it every array and map that it was the last one of.</summary>
    private bool IsMessageOver()
    {
        while (_depth > 0 && --_open[_depth - 1] == 0)
        {
            _depth--;
        }
        return _depth == 0;
    }
}
