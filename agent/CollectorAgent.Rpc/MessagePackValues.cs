using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc;

/// <summary>The values of XML-RPC in MessagePack: the methods of a toolstack are the same in both.</summary>
internal static class MessagePackValues
{
    /// <summary>The parameters of a call: an array, empty or with one map of the named arguments. Without any it is a call with nil.</summary>
    /// <exception cref="MessagePackFormatException">They are something else.</exception>
    public static XmlRpcCall Call(string method, MessagePackReader parameters)
    {
        int count = parameters.ReadArrayHeader();
        if (count > 1)
        {
            throw new MessagePackFormatException($"{count} parameters; there is one at most, a map of the named arguments");
        }
        return new XmlRpcCall(method, [count == 0 ? XmlRpcValue.Nothing : Read(ref parameters)]);
    }

    /// <summary>Writes a value.</summary>
    public static void Write(MessagePackWriter writer, XmlRpcValue value)
    {
        switch (value)
        {
            case XmlRpcValue.Text text:
                writer.Write(text.Value);
                break;
            case XmlRpcValue.Integer integer:
                writer.Write(integer.Value);
                break;
            case XmlRpcValue.Real real:
                writer.Write(real.Value);
                break;
            case XmlRpcValue.Boolean boolean:
                writer.Write(boolean.Value);
                break;
            case XmlRpcValue.List list:
                writer.WriteArrayHeader(list.Items.Count);
                foreach (var item in list.Items)
                {
                    Write(writer, item);
                }
                break;
            case XmlRpcValue.Struct members:
                writer.WriteMapHeader(members.Members.Count);
                foreach (var (name, member) in members.Members)
                {
                    writer.Write(name);
                    Write(writer, member);
                }
                break;
            default:
                writer.WriteNil();
                break;
        }
    }

    // How deep it may go was bounded when the message was read.
    private static XmlRpcValue Read(ref MessagePackReader reader)
    {
        switch (reader.NextMessagePackType)
        {
            case MessagePackType.Nil:
                reader.ReadNil();
                return XmlRpcValue.Nothing;
            case MessagePackType.Boolean:
                return new XmlRpcValue.Boolean(reader.ReadBoolean());
            case MessagePackType.Integer:
                return new XmlRpcValue.Integer(reader.ReadInt64());
            case MessagePackType.Float:
                return reader.ReadDouble();
            case MessagePackType.String:
                return reader.ReadString();
            case MessagePackType.Array:
                var items = new List<XmlRpcValue>();
                for (int left = reader.ReadArrayHeader(); left > 0; left--)
                {
                    items.Add(Read(ref reader));
                }
                return new XmlRpcValue.List(items);
            case MessagePackType.Map:
                var members = new List<KeyValuePair<string, XmlRpcValue>>();
                for (int left = reader.ReadMapHeader(); left > 0; left--)
                {
                    members.Add(new(reader.ReadString(), Read(ref reader)));
                }
                return new XmlRpcValue.Struct(members);
            default:
                throw new MessagePackFormatException("bytes and values of types of one's own have no meaning here");
        }
    }
}
