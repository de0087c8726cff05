using System.Buffers.Binary;

namespace CollectorAgent.Protocol;

/// <summary>The fields of one protobuf message, one after the other, where they lie. Groups, which proto3 does not have, are refused.</summary>
internal ref struct ProtobufFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> _rest = message;
    private ReadOnlySpan<byte> _bytes;
    private ulong _number;
    private WireType _type;

    private enum WireType
    {
        Varint = 0,
        Fixed64 = 1,
        Bytes = 2,
        Fixed32 = 5,
    }

    /// <summary>Number of the field; 0 before the first.</summary>
    public int Field { get; private set; }

    /// <summary>An integer, a truth value, or an enum.</summary>
    public readonly ulong Varint => Expect(WireType.Varint) ? _number : 0;

    public readonly double Double => Expect(WireType.Fixed64) ? BitConverter.UInt64BitsToDouble(_number) : 0;

    /// <summary>A message within, or the UTF-8 of a text that was not checked yet.</summary>
    public readonly ReadOnlySpan<byte> Bytes => Expect(WireType.Bytes) ? _bytes : default;

    public readonly ReadOnlySpan<byte> Text => System.Text.Unicode.Utf8.IsValid(Bytes) ? Bytes : throw new FormatException("a text that is no UTF-8");

    /// <summary>Moves to the next field; false behind the last.</summary>
    /// <exception cref="FormatException">What comes next is no field, or not all there.</exception>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }
        ulong tag = TakeVarint();
        if (tag >> 3 is 0 or > int.MaxValue >> 2)
        {
            throw new FormatException("a field whose number is none");
        }
        Field = (int)(tag >> 3);
        _type = (WireType)(tag & 7);
        switch (_type)
        {
            case WireType.Varint:
                _number = TakeVarint();
                break;
            case WireType.Fixed64:
                _number = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case WireType.Bytes:
                _bytes = Take(TakeVarint());
                break;
            case WireType.Fixed32:
                Take(sizeof(uint));
                break;
            default:
                throw new FormatException("a field of an unknown kind");
        }
        return true;
    }

    private readonly bool Expect(WireType type) => _type == type ? true : throw new FormatException($"field {Field} is of the wrong kind");

    private ulong TakeVarint()
    {
        ulong number = 0;
        for (int i = 0; i < Math.Min(10, _rest.Length); i++)
        {
            number |= (ulong)(_rest[i] & 0x7f) << (7 * i);
            if (_rest[i] < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return number;
            }
        }
        throw new FormatException("a number that does not end");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)_rest.Length)
        {
            throw new FormatException("a field that is longer than its message");
        }
        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
