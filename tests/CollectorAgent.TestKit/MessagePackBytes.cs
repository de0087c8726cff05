using System.Buffers;
using CollectorAgent.Protocol;

namespace CollectorAgent.TestKit;

/// <summary>What a writer writes, and what a reader makes of it.</summary>
public static class MessagePackBytes
{
    public static byte[] Written(Action<MessagePackWriter> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(new MessagePackWriter(output));
        return output.WrittenSpan.ToArray();
    }

    public static void Write(this MessagePackWriter writer, object? value)
    {
        switch (value)
        {
            case null: writer.WriteNil(); break;
            case bool truth: writer.Write(truth); break;
            case int number: writer.Write((long)number); break;
            case long number: writer.Write(number); break;
            case ulong number: writer.Write(number); break;
            case float number: writer.Write(number); break;
            case double number: writer.Write(number); break;
            case string text: writer.Write(text); break;
            case byte[] bytes: writer.Write(bytes.AsSpan()); break;
            case (sbyte type, byte[] bytes): writer.WriteExtension(type, bytes); break;
            case object?[] array:
                writer.WriteArrayHeader(array.Length);
                foreach (object? item in array)
                {
                    writer.Write(item);
                }
                break;
            case KeyValuePair<object?, object?>[] map:
                writer.WriteMapHeader(map.Length);
                foreach (var (key, item) in map)
                {
                    writer.Write(key);
                    writer.Write(item);
                }
                break;
            default: throw new InvalidOperationException($"{value.GetType()} is not written here");
        }
    }

    /// <summary>The next value: integers as a long, or as a ulong where they need one, floats as a double.</summary>
    public static object? ReadValue(this ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                return null;
            case MessagePackType.Boolean: return reader.ReadBoolean();
            case MessagePackType.Integer: return ReadInteger(ref reader);
            case MessagePackType.Float: return reader.ReadDouble();
            case MessagePackType.String: return reader.ReadString();
            case MessagePackType.Binary: return reader.ReadBytes().ToArray();
            case MessagePackType.Extension:
                byte[] bytes = reader.ReadExtension(out sbyte type).ToArray();
                return (type, bytes);
            case MessagePackType.Array:
                object?[] array = new object?[reader.ReadArrayHeader()];
                for (int i = 0; i < array.Length; i++)
                {
                    array[i] = reader.ReadValue();
                }
                return array;
            default:
                var map = new KeyValuePair<object?, object?>[reader.ReadMapHeader()];
                for (int i = 0; i < map.Length; i++)
                {
                    object? key = reader.ReadValue();
                    map[i] = new(key, reader.ReadValue());
                }
                return map;
        }
    }

    /// <summary>A value as text that tells apart all that differ.</summary>
    public static string Show(this object? value) => value switch
    {
        null => "nil",
        byte[] bytes => "x" + Convert.ToHexString(bytes),
        (sbyte type, byte[] bytes) => $"({type} {Show(bytes)})",
        object?[] array => $"[{string.Join(' ', array.Select(Show))}]",
        KeyValuePair<object?, object?>[] map => $"{{{string.Join(' ', map.Select(p => $"{Show(p.Key)}:{Show(p.Value)}"))}}}",
        double number => BitConverter.DoubleToInt64Bits(number).ToString("x16", System.Globalization.CultureInfo.InvariantCulture),
        _ => $"{value.GetType().Name} {value}",
    };

    private static object ReadInteger(ref MessagePackReader reader)
    {
        var ahead = reader;
        try
        {
            return reader.ReadInt64();
        }
        catch (MessagePackFormatException)
        {
            reader = ahead;
            return reader.ReadUInt64();
        }
    }
}
