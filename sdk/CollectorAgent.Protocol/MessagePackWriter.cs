using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>Writes values of MessagePack one after the other, each in the shortest form there is for it.</summary>
/// <param name="output">Where they go; what is written is there at once.</param>
public readonly struct MessagePackWriter(IBufferWriter<byte> output)
{
    private const int LongestFixString = 31;
    private const int LongestFixContainer = 15;

    /// <summary>Writes nil.</summary>
    public void WriteNil() => WriteCode(MessagePackCode.Nil);

    /// <summary>Writes a truth value.</summary>
    public void Write(bool value) => WriteCode(value ? MessagePackCode.True : MessagePackCode.False);

    /// <summary>Writes an integer.</summary>
    public void Write(long value)
    {
        if (value >= 0)
        {
            Write((ulong)value);
        }
        else if (value >= -32)
        {
            WriteCode((byte)value);
        }
        else if (value >= sbyte.MinValue)
        {
            WriteCode(MessagePackCode.Int8, (byte)value, sizeof(byte));
        }
        else if (value >= short.MinValue)
        {
            WriteCode(MessagePackCode.Int16, (ushort)value, sizeof(ushort));
        }
        else if (value >= int.MinValue)
        {
            WriteCode(MessagePackCode.Int32, (uint)value, sizeof(uint));
        }
        else
        {
            WriteCode(MessagePackCode.Int64, (ulong)value, sizeof(ulong));
        }
    }

    /// <summary>Writes an integer that is not negative.</summary>
    public void Write(ulong value)
    {
        switch (value)
        {
            case < MessagePackCode.FixMap:
                WriteCode((byte)value);
                break;
            case <= byte.MaxValue:
                WriteCode(MessagePackCode.UInt8, value, sizeof(byte));
                break;
            case <= ushort.MaxValue:
                WriteCode(MessagePackCode.UInt16, value, sizeof(ushort));
                break;
            case <= uint.MaxValue:
                WriteCode(MessagePackCode.UInt32, value, sizeof(uint));
                break;
            default:
                WriteCode(MessagePackCode.UInt64, value, sizeof(ulong));
                break;
        }
    }

    /// <summary>Writes a float of 32 bits.</summary>
    public void Write(float value) => WriteCode(MessagePackCode.Float32, BitConverter.SingleToUInt32Bits(value), sizeof(float));

    /// <summary>Writes a float of 64 bits.</summary>
    public void Write(double value) => WriteCode(MessagePackCode.Float64, BitConverter.DoubleToUInt64Bits(value), sizeof(double));

    /// <summary>Writes text.</summary>
    public void Write(string value)
    {
        int length = Encoding.UTF8.GetByteCount(value);
        WriteStringHeader(length);
        output.Advance(Encoding.UTF8.GetBytes(value, output.GetSpan(length)));
    }

    /// <summary>Writes text that is in UTF-8 already.</summary>
    public void WriteString(ReadOnlySpan<byte> utf8)
    {
        WriteStringHeader(utf8.Length);
        output.Write(utf8);
    }

    /// <summary>Writes bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        WriteLength(bytes.Length, MessagePackCode.Binary8, MessagePackCode.Binary16, MessagePackCode.Binary32);
        output.Write(bytes);
    }

    /// <summary>Writes an extension.</summary>
    public void WriteExtension(sbyte type, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length is 1 or 2 or 4 or 8 or 16)
        {
            WriteCode((byte)(MessagePackCode.FixExtension1 + int.Log2(bytes.Length)));
        }
        else
        {
            WriteLength(bytes.Length, MessagePackCode.Extension8, MessagePackCode.Extension16, MessagePackCode.Extension32);
        }
        WriteCode((byte)type);
        output.Write(bytes);
    }

    /// <summary>Writes the beginning of an array; its values follow.</summary>
    public void WriteArrayHeader(int count) =>
        WriteContainerHeader(count, MessagePackCode.FixArray, MessagePackCode.Array16, MessagePackCode.Array32);

    /// <summary>Writes the beginning of a map; a key and a value follow for each pair.</summary>
    public void WriteMapHeader(int count) =>
        WriteContainerHeader(count, MessagePackCode.FixMap, MessagePackCode.Map16, MessagePackCode.Map32);

    private void WriteStringHeader(int length)
    {
        if (length <= LongestFixString)
        {
            WriteCode((byte)(MessagePackCode.FixString | length));
        }
        else
        {
            WriteLength(length, MessagePackCode.String8, MessagePackCode.String16, MessagePackCode.String32);
        }
    }

    private void WriteContainerHeader(int count, byte fix, byte code16, byte code32)
    {
        if (count <= LongestFixContainer)
        {
            WriteCode((byte)(fix | count));
        }
        else if (count <= ushort.MaxValue)
        {
            WriteCode(code16, (ulong)count, sizeof(ushort));
        }
        else
        {
            WriteCode(code32, (ulong)count, sizeof(uint));
        }
    }

    private void WriteLength(int length, byte code8, byte code16, byte code32)
    {
        if (length <= byte.MaxValue)
        {
            WriteCode(code8, (ulong)length, sizeof(byte));
        }
        else if (length <= ushort.MaxValue)
        {
            WriteCode(code16, (ulong)length, sizeof(ushort));
        }
        else
        {
            WriteCode(code32, (ulong)length, sizeof(uint));
        }
    }

    private void WriteCode(byte code)
    {
        output.GetSpan(sizeof(byte))[0] = code;
        output.Advance(sizeof(byte));
    }

    /// <summary>Writes a code and a number of so many bytes, the most significant first.</summary>
    private void WriteCode(byte code, ulong number, int bytes)
    {
        Span<byte> eight = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(eight, number);
        WriteCode(code);
        output.Write(eight[^bytes..]);
    }
}
