using System.Globalization;

namespace CollectorAgent.Protocol;

/// <summary>A value of XML-RPC, in the dialect of the toolstack: integers travel as untyped text.</summary>
public abstract record XmlRpcValue
{
    /// <summary><c>nil</c>, the value of methods that return nothing.</summary>
    public static XmlRpcValue Nothing { get; } = new Nil();

    /// <summary>The text of this value, or null where it is none.</summary>
    public string? AsText => (this as Text)?.Value;

    /// <summary>The number of this value, typed or as text, or null where it is none.</summary>
    public double? AsNumber => this switch
    {
        Real real => real.Value,
        Integer integer => integer.Value,
        Text text when FloatText.TryParse(text.Value, out double number) => number,
        _ => null,
    };

    /// <summary>Text.</summary>
    public static implicit operator XmlRpcValue(string value) => FromString(value);

    /// <summary>A double.</summary>
    public static implicit operator XmlRpcValue(double value) => FromDouble(value);

    /// <summary>Text.</summary>
    public static XmlRpcValue FromString(string value) => new Text(value);

    /// <summary>A double.</summary>
    public static XmlRpcValue FromDouble(double value) => new Real(value);

    /// <summary>Text, typed or not; an untyped number is text, too.</summary>
    /// <param name="Value">Unescaped.</param>
    public sealed record Text(string Value) : XmlRpcValue;

    /// <summary>An integer; it is written untyped.</summary>
    /// <param name="Value">Up to 64 bits.</param>
    public sealed record Integer(long Value) : XmlRpcValue;

    /// <summary>A double.</summary>
    /// <param name="Value">May be NaN or infinite.</param>
    public sealed record Real(double Value) : XmlRpcValue;

    /// <summary>A truth value.</summary>
    /// <param name="Value">1 or 0 on the wire.</param>
    public sealed record Boolean(bool Value) : XmlRpcValue;

    /// <summary>No value.</summary>
    public sealed record Nil : XmlRpcValue;

    /// <summary>An array.</summary>
    /// <param name="Items">In order.</param>
    public sealed record List(IReadOnlyList<XmlRpcValue> Items) : XmlRpcValue;

    /// <summary>A struct; the first member of a repeated name counts.</summary>
    /// <param name="Members">In order.</param>
    public sealed record Struct(IReadOnlyList<KeyValuePair<string, XmlRpcValue>> Members) : XmlRpcValue
    {
        /// <summary>The member of that name in exactly that case, or null.</summary>
        public XmlRpcValue? Find(string name) => Members.FirstOrDefault(m => m.Key == name).Value;
    }

    /// <summary>How a double is written: <c>%.16g</c>.</summary>
    internal static string Write(double value) =>
        double.IsNaN(value) ? "nan"
        : double.IsInfinity(value) ? value > 0 ? "inf" : "-inf"
        : value.ToString("G16", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
}
