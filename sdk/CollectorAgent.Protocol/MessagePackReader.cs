using System.Buffers.Binary;
using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>Reads values of MessagePack one after the other. No length is believed before its bytes are there.</summary>
/// <remarks>Every method throws <see cref="MessagePackFormatException"/> where the next value is not the one asked for or is cut off.</remarks>
public ref struct MessagePackReader
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;

    /// <summary>A reader at the first of these bytes.</summary>
    public MessagePackReader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Whether all bytes are read.</summary>
    public readonly bool End => _position == _bytes.Length;

    /// <summary>Bytes read.</summary>
    public readonly int Consumed => _position;

    /// <summary>What comes next; it is not read.</summary>
    public readonly MessagePackType NextMessagePackType => MessagePackCode.Of(NextCode).Type;

    private readonly byte NextCode => _position < _bytes.Length ? _bytes[_position] : throw CutOff();

    /// <summary>Reads nil.</summary>
    public void ReadNil()
    {
        if (!TryReadNil())
        {
            throw Unwanted(MessagePackType.Nil);
        }
    }

    /// <summary>Reads nil where it comes next.</summary>
    public bool TryReadNil()
    {
        bool isNil = NextCode == MessagePackCode.Nil;
        _position += isNil ? 1 : 0;
        return isNil;
    }

    /// <summary>Reads a truth value.</summary>
    public bool ReadBoolean()
    {
        byte code = NextCode;
        if (code is not (MessagePackCode.True or MessagePackCode.False))
        {
            throw Unwanted(MessagePackType.Boolean);
        }
        _position++;
        return code == MessagePackCode.True;
    }

    /// <summary>Reads an integer of up to 64 bits with a sign.</summary>
    public long ReadInt64()
    {
        var (bits, isUnsigned) = ReadInteger();
        return isUnsigned && bits < 0 ? throw new MessagePackFormatException("the integer has more than 63 bits") : bits;
    }

    /// <summary>Reads an integer of up to 64 bits that is not negative.</summary>
    public ulong ReadUInt64()
    {
        var (bits, isUnsigned) = ReadInteger();
        return !isUnsigned && bits < 0 ? throw new MessagePackFormatException("the integer is negative") : (ulong)bits;
    }

    /// <summary>Reads an integer of up to 32 bits with a sign.</summary>
    public int ReadInt32()
    {
        long value = ReadInt64();
        return value is >= int.MinValue and <= int.MaxValue ? (int)value : throw new MessagePackFormatException("the integer has more than 31 bits");
    }

    /// <summary>Reads an integer of up to 32 bits that is not negative.</summary>
    public uint ReadUInt32()
    {
        ulong value = ReadUInt64();
        return value <= uint.MaxValue ? (uint)value : throw new MessagePackFormatException("the integer has more than 32 bits");
    }

    /// <summary>Reads a float of 32 or 64 bits, or an integer, as the nearest double.</summary>
    public double ReadDouble()
    {
        switch (NextCode)
        {
            case MessagePackCode.Float32:
                return BinaryPrimitives.ReadSingleBigEndian(ReadPayload(MessagePackType.Float));
            case MessagePackCode.Float64:
                return BinaryPrimitives.ReadDoubleBigEndian(ReadPayload(MessagePackType.Float));
            default:
                if (NextMessagePackType != MessagePackType.Integer)
                {
                    throw Unwanted(MessagePackType.Float);
                }
                var (bits, isUnsigned) = ReadInteger();
                return isUnsigned ? (ulong)bits : bits;
        }
    }

    /// <summary>Reads text.</summary>
    public string ReadString()
    {
        try
        {
            return Utf8.GetString(ReadStringSpan());
        }
        catch (DecoderFallbackException e)
        {
            throw new MessagePackFormatException("the text is no UTF-8", e);
        }
    }

    /// <summary>Reads text as the bytes that it has.</summary>
    /// <returns>A part of what is read; nobody has looked whether it is UTF-8.</returns>
    public ReadOnlySpan<byte> ReadStringSpan() => ReadPayload(MessagePackType.String);

    /// <summary>Reads bytes.</summary>
    /// <returns>A part of what is read.</returns>
    public ReadOnlySpan<byte> ReadBytes() => ReadPayload(MessagePackType.Binary);

    /// <summary>Reads an extension.</summary>
    /// <param name="type">Negative where the specification has defined it: -1 is a time stamp.</param>
    /// <returns>A part of what is read.</returns>
    public ReadOnlySpan<byte> ReadExtension(out sbyte type)
    {
        var payload = ReadPayload(MessagePackType.Extension);
        type = (sbyte)payload[0];
        return payload[1..];
    }

    /// <summary>Reads the beginning of an array.</summary>
    /// <returns>How many values follow: no more than there are bytes.</returns>
    public int ReadArrayHeader() => ReadContainerHeader(MessagePackType.Array);

    /// <summary>Reads the beginning of a map.</summary>
    /// <returns>How many pairs of a key and a value follow: no more than there are bytes for.</returns>
    public int ReadMapHeader() => ReadContainerHeader(MessagePackType.Map);

    /// <summary>Passes over the next value with all that is in it.</summary>
    public void Skip()
    {
        long values = 1;
        while (values > 0)
        {
            var code = ReadCode(out uint length);
            values += (long)length * code.ValuesPerItem - 1;
            if (code.ValuesPerItem == 0)
            {
                Take(length + (long)code.ExtraBytes);
            }
        }
    }

    private (long Bits, bool IsUnsigned) ReadInteger()
    {
        byte code = NextCode;
        if (code is < MessagePackCode.FixMap or >= MessagePackCode.NegativeFixInt)
        {
            _position++;
            return ((sbyte)code, false);
        }
        var payload = ReadPayload(MessagePackType.Integer);
        return code switch
        {
            MessagePackCode.UInt8 => (payload[0], true),
            MessagePackCode.UInt16 => (BinaryPrimitives.ReadUInt16BigEndian(payload), true),
            MessagePackCode.UInt32 => (BinaryPrimitives.ReadUInt32BigEndian(payload), true),
            MessagePackCode.UInt64 => ((long)BinaryPrimitives.ReadUInt64BigEndian(payload), true),
            MessagePackCode.Int8 => ((sbyte)payload[0], false),
            MessagePackCode.Int16 => (BinaryPrimitives.ReadInt16BigEndian(payload), false),
            MessagePackCode.Int32 => (BinaryPrimitives.ReadInt32BigEndian(payload), false),
            _ => (BinaryPrimitives.ReadInt64BigEndian(payload), false),
        };
    }

    private int ReadContainerHeader(MessagePackType type)
    {
        Expect(type);
        var code = ReadCode(out uint length);
        return (long)length * code.ValuesPerItem <= _bytes.Length - _position ? (int)length : throw CutOff();
    }

    private ReadOnlySpan<byte> ReadPayload(MessagePackType type)
    {
        Expect(type);
        var code = ReadCode(out uint length);
        return Take(length + (long)code.ExtraBytes);
    }

    private readonly void Expect(MessagePackType type)
    {
        if (NextMessagePackType != type)
        {
            throw Unwanted(type);
        }
    }

    private MessagePackCode ReadCode(out uint length)
    {
        var code = MessagePackCode.Of(NextCode);
        _position++;
        length = code.Length;
        foreach (byte next in Take(code.LengthBytes))
        {
            length = length << 8 | next;
        }
        return code;
    }

    private ReadOnlySpan<byte> Take(long count)
    {
        if (count > _bytes.Length - _position)
        {
            throw CutOff();
        }
        var taken = _bytes.Slice(_position, (int)count);
        _position += (int)count;
        return taken;
    }

    private readonly MessagePackFormatException Unwanted(MessagePackType wanted) =>
        new($"{wanted} is wanted, and this is {NextMessagePackType}");

    private static MessagePackFormatException CutOff() => new("the value is cut off");
}
