using System.Globalization;
using System.Text;
using System.Xml;

namespace CollectorAgent.Protocol;

/// <summary>Reads and writes the XML-RPC of the agent's socket. See docs/formats/rpc.md.</summary>
public static class XmlRpc
{
    /// <summary>Longest message that is read.</summary>
    public const int MaxMessageBytes = 1 << 20;

    private const int MaxDepth = 16;

    /// <summary>Reads a call.</summary>
    /// <exception cref="XmlRpcFormatException">The message is no method call.</exception>
    public static XmlRpcCall ReadCall(Stream message) => Read(message, ReadCall);

    /// <summary>Reads the one value of a response.</summary>
    /// <exception cref="XmlRpcFormatException">The message is no method response.</exception>
    public static XmlRpcValue ReadResponse(Stream message) => Read(message, xml =>
    {
        xml.ReadStartElement("methodResponse");
        var parameters = ReadParameters(xml);
        xml.ReadEndElement();
        return parameters.Count == 1 ? parameters[0] : throw new XmlRpcFormatException("a response has one value");
    });

    /// <summary>The bytes of a call.</summary>
    public static byte[] WriteCall(XmlRpcCall call) => Write(xml =>
    {
        xml.WriteStartElement("methodCall");
        xml.WriteElementString("methodName", call.Method);
        WriteParameters(xml, call.Parameters);
        xml.WriteEndElement();
    });

    /// <summary>The bytes of a response.</summary>
    public static byte[] WriteResponse(XmlRpcValue value) => Write(xml =>
    {
        xml.WriteStartElement("methodResponse");
        WriteParameters(xml, [value]);
        xml.WriteEndElement();
    });

    private static T Read<T>(Stream message, Func<XmlReader, T> read)
    {
        var settings = new XmlReaderSettings
        {
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            MaxCharactersInDocument = MaxMessageBytes,
        };
        try
        {
            using var xml = XmlReader.Create(message, settings);
            return read(xml);
        }
        catch (Exception e) when (e is XmlException or ArgumentOutOfRangeException)
        {
            // The second is what the XML reader throws at some bytes that are not of the encoding which they declare.
            throw new XmlRpcFormatException(e.Message, e);
        }
    }

    private static XmlRpcCall ReadCall(XmlReader xml)
    {
        xml.ReadStartElement("methodCall");
        Skip(xml);
        string method = xml.ReadElementContentAsString("methodName", "");
        Skip(xml);
        var parameters = xml.IsStartElement("params") ? ReadParameters(xml) : [];
        Skip(xml);
        xml.ReadEndElement();
        return new XmlRpcCall(method.Trim(), parameters);
    }

    private static List<XmlRpcValue> ReadParameters(XmlReader xml)
    {
        var result = new List<XmlRpcValue>();
        ReadAll(xml, "params", () => ReadAll(xml, "param", () => result.Add(ReadValue(xml, 0))));
        return result;
    }

    private static XmlRpcValue ReadValue(XmlReader xml, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new XmlRpcFormatException("values are nested too deep");
        }
        if (xml.MoveToContent() != XmlNodeType.Element || xml.Name != "value")
        {
            throw new XmlRpcFormatException($"<value> expected, not <{xml.Name}>");
        }
        if (xml.IsEmptyElement)
        {
            xml.Read();
            return "";
        }
        xml.ReadStartElement();
        var text = new StringBuilder();
        while (xml.NodeType is XmlNodeType.Text or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace or XmlNodeType.CDATA)
        {
            text.Append(xml.Value);
            xml.Read();
        }
        XmlRpcValue value = xml.NodeType == XmlNodeType.Element ? ReadTyped(xml, depth) : text.ToString();
        Skip(xml);
        xml.ReadEndElement();
        return value;
    }

    private static XmlRpcValue ReadTyped(XmlReader xml, int depth)
    {
        switch (xml.Name)
        {
            case "string":
                return xml.ReadElementContentAsString();
            case "int" or "i4" or "i8":
                string digits = xml.ReadElementContentAsString();
                return long.TryParse(digits, NumberStyles.Integer, CultureInfo.InvariantCulture, out long integer)
                    ? new XmlRpcValue.Integer(integer)
                    : throw new XmlRpcFormatException("an int is not a number of 64 bits");
            case "boolean":
                return xml.ReadElementContentAsString().Trim() switch
                {
                    "0" => new XmlRpcValue.Boolean(false),
                    "1" => new XmlRpcValue.Boolean(true),
                    _ => throw new XmlRpcFormatException("a boolean is 0 or 1"),
                };
            case "double":
                return FloatText.TryParse(xml.ReadElementContentAsString(), out double real)
                    ? real
                    : throw new XmlRpcFormatException("a double is not a number");
            case "nil":
                xml.Skip();
                return XmlRpcValue.Nothing;
            case "array":
                var items = new List<XmlRpcValue>();
                ReadAll(xml, "array", () => ReadAll(xml, "data", () => items.Add(ReadValue(xml, depth + 1))));
                return new XmlRpcValue.List(items);
            case "struct":
                var members = new List<KeyValuePair<string, XmlRpcValue>>();
                ReadAll(xml, "struct", () => members.Add(ReadMember(xml, depth)));
                return new XmlRpcValue.Struct(members);
            default:
                throw new XmlRpcFormatException($"<{xml.Name}> is no type of value");
        }
    }

    private static KeyValuePair<string, XmlRpcValue> ReadMember(XmlReader xml, int depth)
    {
        xml.ReadStartElement("member");
        Skip(xml);
        string name = xml.ReadElementContentAsString("name", "");
        Skip(xml);
        var value = ReadValue(xml, depth + 1);
        Skip(xml);
        xml.ReadEndElement();
        return new(name, value);
    }

    /// <summary>Reads an element whose content is any number of elements, each read by <paramref name="readOne"/>.</summary>
    private static void ReadAll(XmlReader xml, string element, Action readOne)
    {
        Skip(xml);
        bool isEmpty = xml.IsEmptyElement;
        xml.ReadStartElement(element);
        if (isEmpty)
        {
            return;
        }
        for (Skip(xml); xml.NodeType == XmlNodeType.Element; Skip(xml))
        {
            readOne();
        }
        xml.ReadEndElement();
    }

    private static void Skip(XmlReader xml)
    {
        while (xml.NodeType is XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace)
        {
            xml.Read();
        }
    }

    private static byte[] Write(Action<XmlWriter> write)
    {
        using var buffer = new MemoryStream();
        var settings = new XmlWriterSettings
        {
            OmitXmlDeclaration = true,
            Encoding = new UTF8Encoding(false),
            NewLineHandling = NewLineHandling.None,
        };
        using (var xml = XmlWriter.Create(buffer, settings))
        {
            xml.WriteRaw("<?xml version=\"1.0\"?>");
            write(xml);
        }
        return buffer.ToArray();
    }

    private static void WriteParameters(XmlWriter xml, IReadOnlyList<XmlRpcValue> parameters)
    {
        xml.WriteStartElement("params");
        foreach (var parameter in parameters)
        {
            xml.WriteStartElement("param");
            WriteValue(xml, parameter);
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    private static void WriteValue(XmlWriter xml, XmlRpcValue value)
    {
        xml.WriteStartElement("value");
        switch (value)
        {
            case XmlRpcValue.Text text:
                WriteText(xml, text.Value);
                break;
            case XmlRpcValue.Integer integer:
                xml.WriteString(integer.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case XmlRpcValue.Real real:
                xml.WriteElementString("double", XmlRpcValue.Write(real.Value));
                break;
            case XmlRpcValue.Boolean boolean:
                xml.WriteElementString("boolean", boolean.Value ? "1" : "0");
                break;
            case XmlRpcValue.Nil:
                xml.WriteRaw("<nil/>");
                break;
            case XmlRpcValue.List list:
                xml.WriteStartElement("array");
                xml.WriteStartElement("data");
                foreach (var item in list.Items)
                {
                    WriteValue(xml, item);
                }
                xml.WriteFullEndElement();
                xml.WriteEndElement();
                break;
            case XmlRpcValue.Struct members:
                xml.WriteStartElement("struct");
                foreach (var (name, member) in members.Members)
                {
                    xml.WriteStartElement("member");
                    xml.WriteStartElement("name");
                    WriteText(xml, name);
                    xml.WriteFullEndElement();
                    WriteValue(xml, member);
                    xml.WriteEndElement();
                }
                xml.WriteFullEndElement();
                break;
        }
        xml.WriteFullEndElement();
    }

    /// <summary>Writes text the toolstack's way: quotes are entities, too, and what XML cannot carry is left out.</summary>
    private static void WriteText(XmlWriter xml, string text)
    {
        string carried = string.Concat(text.EnumerateRunes().Where(CanBeCarried));
        foreach (var (i, part) in carried.Split('"').Index())
        {
            if (i > 0)
            {
                xml.WriteEntityRef("quot");
            }
            xml.WriteString(part);
        }
    }

    private static bool CanBeCarried(Rune rune) =>
        Rune.IsControl(rune) ? rune.Value is '\t' or '\n' or '\r' : rune.Value is not (0xfffe or 0xffff);
}
