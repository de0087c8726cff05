using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Cli;

/// <summary>Says which columns are wanted; what is empty fits everything.</summary>
/// <param name="Name">The beginning of a name.</param>
internal sealed record Selector(ConsolidationFunction? Function, string Kind, string Uuid, string Name)
{
    private const char Ellipsis = '…';

    /// <summary>Reads <c>CF:owner:uuid:metric</c>, any part of which may be empty, or the beginning of a name.</summary>
    /// <returns>Null where it is neither.</returns>
    public static Selector? Parse(string text)
    {
        // Where the list of columns in a heading was cut off.
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        text = comma >= 0 && text[comma..].TrimStart(',', ' ') is "" or "..." or "…" ? text[..comma] : text.TrimEnd(Ellipsis);
        string[] parts = text.Split(':', 4);
        if (parts.Length == 1)
        {
            return new Selector(null, "", "", text);
        }
        var function = FunctionNames.ParseFunction(parts[0].ToUpperInvariant());
        string kind = parts[1].ToLowerInvariant();
        return parts.Length == 4 && (function is not null || parts[0].Length == 0) && kind is "" or "host" or "vm" or "sr"
            ? new Selector(function, kind, parts[2].ToLowerInvariant(), parts[3])
            : null;
    }

    public override string ToString() =>
        Function is null && Kind.Length == 0 && Uuid.Length == 0 ? Name : $"{Function?.Name()}:{Kind}:{Uuid}:{Name}";

    public bool Selects(Column column) =>
        (Function is null || Function == column.Function)
        && (Kind.Length == 0 || Kind == column.Kind)
        && (Uuid.Length == 0 || Uuid == column.Uuid)
        && column.Name.StartsWith(Name, StringComparison.Ordinal);
}
