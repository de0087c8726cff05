using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>Values by their name: the arguments of a call, the members of a result.</summary>
/// <remarks>Of members with the same name the first counts; others than those asked for are passed over, whatever they are. Where
/// a value is missing or wrong, <see cref="MessagePackFormatException"/> names it.</remarks>
public readonly ref struct NamedValues
{
    private readonly MessagePackReader _pairs;
    private readonly int _count;

    /// <summary>The map that the reader is at; nil is an empty one.</summary>
    public NamedValues(MessagePackReader reader)
    {
        _count = reader.TryReadNil() ? 0 : reader.ReadMapHeader();
        _pairs = reader;
    }

    /// <summary>The parameters of a call: an array, empty or with one map.</summary>
    public static NamedValues OfParameters(MessagePackReader reader) => reader.ReadArrayHeader() switch
    {
        0 => default,
        1 => new NamedValues(reader),
        int count => throw new MessagePackFormatException($"{count} parameters; there is one at most, a map of the named arguments"),
    };

    /// <summary>Finds a member.</summary>
    /// <param name="name">In exactly that case.</param>
    /// <param name="value">A reader at it.</param>
    public bool TryFind(string name, out MessagePackReader value)
    {
        Span<byte> wanted = stackalloc byte[Encoding.UTF8.GetMaxByteCount(name.Length)];
        wanted = wanted[..Encoding.UTF8.GetBytes(name, wanted)];
        var reader = _pairs;
        for (int i = 0; i < _count; i++)
        {
            if (reader.NextMessagePackType != MessagePackType.String)
            {
                reader.Skip();
            }
            else if (reader.ReadStringSpan().SequenceEqual(wanted))
            {
                value = reader;
                return true;
            }
            reader.Skip();
        }
        value = default;
        return false;
    }

    /// <summary>A member that is text.</summary>
    public string Text(string name) =>
        TryFind(name, out var value) && value.NextMessagePackType == MessagePackType.String ? value.ReadString() : throw Wrong(name, "text");

    /// <summary>A member that is an integer.</summary>
    public long Integer(string name) =>
        TryFind(name, out var value) && value.NextMessagePackType == MessagePackType.Integer ? value.ReadInt64() : throw Wrong(name, "integer");

    /// <summary>A member that is a number.</summary>
    /// <param name="absent">What counts where it is not there; null where it must be.</param>
    public double Number(string name, double? absent = null)
    {
        if (!TryFind(name, out var value))
        {
            return absent ?? throw Wrong(name, "number");
        }
        return value.NextMessagePackType is MessagePackType.Float or MessagePackType.Integer ? value.ReadDouble() : throw Wrong(name, "number");
    }

    private static MessagePackFormatException Wrong(string name, string kind) => new($"'{name}' is missing or no {kind}");
}
