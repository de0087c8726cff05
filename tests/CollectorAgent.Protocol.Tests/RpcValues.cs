using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace CollectorAgent.Protocol.Tests;

/// <summary>Values in short, and their XML in the dialects that are spoken.</summary>
internal static partial class RpcValues
{
    public static readonly XmlRpcValue Nil = XmlRpcValue.Nothing;

    public static XmlRpcValue S(params (string Name, XmlRpcValue Value)[] members) =>
        new XmlRpcValue.Struct([.. members.Select(m => KeyValuePair.Create(m.Name, m.Value))]);

    public static XmlRpcValue L(params XmlRpcValue[] items) => new XmlRpcValue.List(items);

    public static XmlRpcValue B(bool value) => new XmlRpcValue.Boolean(value);

    public static XmlRpcValue D(double value) => new XmlRpcValue.Real(value);

    public static XmlRpcValue I(long value) => new XmlRpcValue.Integer(value);

    /// <summary>A value as text to compare; an untyped number is the same as an integer.</summary>
    public static string Show(this XmlRpcValue value) => value switch
    {
        XmlRpcValue.Text text => text.Value,
        XmlRpcValue.Integer integer => integer.Value.ToString(CultureInfo.InvariantCulture),
        XmlRpcValue.Real real => "double " + real.Value.ToString("R", CultureInfo.InvariantCulture),
        XmlRpcValue.Boolean boolean => boolean.Value ? "yes" : "no",
        XmlRpcValue.List list => "[" + string.Join(", ", list.Items.Select(Show)) + "]",
        XmlRpcValue.Struct members => "{" + string.Join(", ", members.Members.Select(m => $"{m.Key}: {m.Value.Show()}")) + "}",
        _ => "nil",
    };

    public static string Show(this XmlRpcCall call) => $"{call.Method}({string.Join(", ", call.Parameters.Select(Show))})";

    /// <summary>A call as the toolstack writes it: no blanks, no types for text and integers.</summary>
    public static string Toolstack(string method, params XmlRpcValue[] parameters) =>
        $"<?xml version=\"1.0\"?><methodCall><methodName>{method}</methodName><params>" +
        string.Concat(parameters.Select(p => $"<param>{Xml(p, isTyped: false)}</param>")) + "</params></methodCall>";

    /// <summary>The same with every type named, each element on a line of its own, and comments.</summary>
    public static string Spacious(string method, params XmlRpcValue[] parameters) => Gap().Replace(
        $"<?xml version='1.0' encoding='UTF-8'?><methodCall><methodName>{method}</methodName><params>" +
        string.Concat(parameters.Select(p => $"<param>{Xml(p, isTyped: true)}</param>")) + "</params></methodCall>",
        ">\n  <!-- nothing -->\n\t<");

    public static string Response(XmlRpcValue value) =>
        $"<?xml version=\"1.0\"?><methodResponse><params><param>{Xml(value, isTyped: false)}</param></params></methodResponse>";

    public static MemoryStream Stream(string text) => new(Encoding.UTF8.GetBytes(text));

    private static string Xml(XmlRpcValue value, bool isTyped) => "<value>" + value switch
    {
        XmlRpcValue.Text text => isTyped ? $"<string>{text.Value}</string>" : text.Value,
        XmlRpcValue.Integer integer => isTyped ? $"<int>{integer.Value}</int>" : integer.Show(),
        XmlRpcValue.Real real => $"<double>{real.Value.ToString("R", CultureInfo.InvariantCulture)}</double>",
        XmlRpcValue.Boolean boolean => $"<boolean>{(boolean.Value ? 1 : 0)}</boolean>",
        XmlRpcValue.List list => "<array><data>" + string.Concat(list.Items.Select(i => Xml(i, isTyped))) + "</data></array>",
        XmlRpcValue.Struct members => "<struct>" +
            string.Concat(members.Members.Select(m => $"<member><name>{m.Key}</name>{Xml(m.Value, isTyped)}</member>")) + "</struct>",
        _ => "<nil/>",
    } + "</value>";

    // Blanks before the end of a text or a value would belong to it.
    [GeneratedRegex("><(?!/string>|/value>)")]
    private static partial Regex Gap();
}
