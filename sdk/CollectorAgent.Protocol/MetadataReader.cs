using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CollectorAgent.Protocol;

/// <summary>Reads the JSON of sample pages: order and repeated names count, so it is read token by token.</summary>
internal static class MetadataReader
{
    private const int MaxDepth = 8;

    /// <summary>Reads the metadata of a version 2 page.</summary>
    /// <param name="json">The text without closing NULs.</param>
    /// <param name="sources">In the order of the values.</param>
    /// <param name="detail">What is wrong where the result is false.</param>
    public static bool TryReadVersion2(ReadOnlySpan<byte> json, out ReportedSource[] sources, out string detail)
    {
        return TryRead(json, 2, out sources, out _, out _, out detail);
    }

    /// <summary>Reads the payload of a version 1 page, which has time and values in it.</summary>
    public static bool TryReadVersion1(
        ReadOnlySpan<byte> json, out ReportedSource[] sources, out long[] values, out double timestamp, out string detail)
    {
        return TryRead(json, 1, out sources, out values, out timestamp, out detail);
    }

    private static bool TryRead(
        ReadOnlySpan<byte> json, int version, out ReportedSource[] sources, out long[] values, out double timestamp, out string detail)
    {
        sources = [];
        values = [];
        timestamp = double.NaN;
        detail = "";
        try
        {
            var reader = new Utf8JsonReader(QuoteBareNumbers(json), new JsonReaderOptions { MaxDepth = MaxDepth });
            var found = new List<ReportedSource>();
            var foundValues = new List<long>();
            bool hasSources = false;
            Expect(ref reader, JsonTokenType.StartObject, "the payload");
            while (NextMember(ref reader, out string member))
            {
                if (member == "datasources")
                {
                    hasSources = true;
                    ReadSources(ref reader, version, found, foundValues);
                }
                else if (member == "timestamp" && version == 1)
                {
                    timestamp = Number(Scalar(ref reader, member), member);
                }
                else
                {
                    reader.Skip();
                }
            }
            if (reader.Read())
            {
                throw new FormatException("text after the end of the object");
            }
            if (!hasSources)
            {
                throw new FormatException("no member 'datasources'");
            }
            sources = [.. found];
            values = [.. foundValues];
            return true;
        }
        // GetString throws InvalidOperationException for text that is no UTF-8.
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            detail = e.Message;
            return false;
        }
    }

    private static void ReadSources(ref Utf8JsonReader reader, int version, List<ReportedSource> sources, List<long> values)
    {
        Expect(ref reader, JsonTokenType.StartObject, "datasources");
        while (NextMember(ref reader, out string name))
        {
            if (sources.Count == PageReader.MaxSources)
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"more than {PageReader.MaxSources} data sources"));
            }
            sources.Add(ReadSource(ref reader, version, Name(name), out string? value));
            if (version == 1)
            {
                values.Add(Value(value ?? throw new FormatException($"data source '{sources[^1].Name}' has no value"), sources[^1]));
            }
        }
    }

    private static ReportedSource ReadSource(ref Utf8JsonReader reader, int version, string name, out string? value)
    {
        var source = new ReportedSource(name);
        bool hasValueType = false;
        value = null;
        Expect(ref reader, JsonTokenType.StartObject, name);
        while (NextMember(ref reader, out string key))
        {
            switch (key)
            {
                case "description":
                    source = source with { Description = Bounded(Scalar(ref reader, key), ReportedSource.MaxDescriptionLength, name, key) };
                    break;
                case "units":
                    source = source with { Units = Bounded(Scalar(ref reader, key), ReportedSource.MaxUnitsLength, name, key) };
                    break;
                case "owner":
                    string text = Scalar(ref reader, key);
                    source = Owner.TryParse(text, out var owner) ? source with { Owner = owner } : throw Wrong(name, key, text);
                    break;
                case "value_type":
                    source = source with { IsInteger = IsInteger(Scalar(ref reader, key), name) };
                    hasValueType = true;
                    break;
                case "type":
                    source = source with { Type = Type(Scalar(ref reader, key), name) };
                    break;
                case "default":
                    source = source with { IsDefault = Flag(Scalar(ref reader, key), name, key) };
                    break;
                case "min":
                    source = source with { Min = Bound(Scalar(ref reader, key), double.NegativeInfinity, key) };
                    break;
                case "max":
                    source = source with { Max = Bound(Scalar(ref reader, key), double.PositiveInfinity, key) };
                    break;
                case "transform" when version == 2:
                    source = source with { IsInverse = IsInverse(Scalar(ref reader, key), name) };
                    break;
                case "value" when version == 1:
                    value = Scalar(ref reader, key);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return hasValueType || version == 1 ? source : throw new FormatException($"data source '{name}' has no value_type");
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        // The value of a member has been read already.
        if ((reader.TokenType is JsonTokenType.None && !reader.Read()) || reader.TokenType != type)
        {
            throw new FormatException($"{Shown(what)} is no JSON object");
        }
    }

    /// <summary>Moves to the value of the next member of this object; false at its end.</summary>
    private static bool NextMember(ref Utf8JsonReader reader, out string name)
    {
        reader.Read();
        name = "";
        if (reader.TokenType == JsonTokenType.EndObject)
        {
            return false;
        }
        name = reader.GetString()!;
        reader.Read();
        return true;
    }

    /// <summary>A string, number or boolean as text: writers put numbers and booleans into strings.</summary>
    private static string Scalar(ref Utf8JsonReader reader, string key) => reader.TokenType switch
    {
        JsonTokenType.String => reader.GetString()!,
        JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => Encoding.ASCII.GetString(reader.ValueSpan),
        _ => throw new FormatException($"'{key}' is neither text nor number"),
    };

    private static string Name(string name)
    {
        // Documents pad names with blanks, so blanks at the ends cannot be told from none.
        name = name.Trim(' ');
        if (name.Length is 0 or > ReportedSource.MaxNameLength)
        {
            throw new FormatException(string.Create(
                CultureInfo.InvariantCulture, $"a data source name of {name.Length} characters; 1 to {ReportedSource.MaxNameLength} are allowed"));
        }
        if (name.Any(char.IsControl))
        {
            throw new FormatException($"data source '{Shown(name)}' has a control character in its name");
        }
        // Readers split legend entries at colons.
        return name.Replace(':', '/');
    }

    private static string Bounded(string text, int maxLength, string name, string key) =>
        text.Length <= maxLength ? text : throw new FormatException($"'{key}' of '{name}' is too long");

    private static bool IsInteger(string text, string name) => text.ToLowerInvariant() switch
    {
        "float" => false,
        "int64" => true,
        _ => throw Wrong(name, "value_type", text),
    };

    private static ReportedType Type(string text, string name) => text.ToLowerInvariant() switch
    {
        "gauge" => ReportedType.Gauge,
        "absolute" => ReportedType.Absolute,
        "derive" => ReportedType.Derive,
        "counter" => ReportedType.Counter,
        _ => throw Wrong(name, "type", text),
    };

    private static bool IsInverse(string text, string name) => text switch
    {
        "identity" => false,
        "inverse" => true,
        _ => throw Wrong(name, "transform", text),
    };

    private static bool Flag(string text, string name, string key) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw Wrong(name, key, text),
    };

    private static double Bound(string text, double ifUnknown, string key)
    {
        double bound = Number(text, key);
        return double.IsNaN(bound) ? ifUnknown : bound;
    }

    private static double Number(string text, string key) =>
        FloatText.TryParse(text, out double number) ? number : throw new FormatException($"'{Shown(text)}' of '{key}' is no number");

    private static long Value(string text, ReportedSource source)
    {
        if (source.IsInteger && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer))
        {
            return integer;
        }
        double number = Number(text, source.Name);
        if (!source.IsInteger)
        {
            return BitConverter.DoubleToInt64Bits(number);
        }
        return number is >= long.MinValue and < -(double)long.MinValue
            ? (long)number
            : throw new FormatException($"'{Shown(text)}' of '{source.Name}' is no int64");
    }

    private static FormatException Wrong(string name, string key, string text) => new($"'{Shown(text)}' is no {key} (data source '{Shown(name)}')");

    /// <summary>Foreign text as it may stand in a message: short, on one line.</summary>
    private static string Shown(string text)
    {
        const int MaxShown = 64;
        return string.Concat((text.Length > MaxShown ? text[..MaxShown] + "…" : text).Select(c => char.IsControl(c) ? '?' : c));
    }

    /// <summary>Quotes the bare <c>NaN</c>, <c>Infinity</c> and <c>-Infinity</c> that Python writes and JSON does not know.</summary>
    private static ReadOnlySpan<byte> QuoteBareNumbers(ReadOnlySpan<byte> json)
    {
        List<byte>? quoted = null;
        int copied = 0;
        bool isInString = false;
        for (int i = 0; i < json.Length; i++)
        {
            byte b = json[i];
            if (isInString)
            {
                i += b == '\\' ? 1 : 0;
                isInString = b != '"';
                continue;
            }
            isInString = b == '"';
            int length = BareNumberLength(json[i..]);
            if (length > 0)
            {
                quoted ??= new List<byte>(json.Length + 64);
                quoted.AddRange(json[copied..i]);
                quoted.Add((byte)'"');
                quoted.AddRange(json.Slice(i, length));
                quoted.Add((byte)'"');
                i += length - 1;
                copied = i + 1;
            }
        }
        if (quoted is null)
        {
            return json;
        }
        quoted.AddRange(json[copied..]);
        return quoted.ToArray();
    }

    private static int BareNumberLength(ReadOnlySpan<byte> json)
    {
        foreach (string token in (ReadOnlySpan<string>)["-Infinity", "Infinity", "NaN"])
        {
            if (json[0] == token[0] && Ascii.Equals(json[..Math.Min(json.Length, token.Length)], token))
            {
                return token.Length;
            }
        }
        return 0;
    }
}
