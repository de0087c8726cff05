using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CollectorAgent.Protocol;

/// <summary>Reads the JSON of sample pages: order and repeated names count, so it is read token by token.</summary>
internal ref struct MetadataReader
{
    private const int MaxDepth = 8;

    // Most texts are shorter than this many bytes of JSON.
    private const int ScratchLength = 512;

    private readonly int _version;
    private readonly ReportedSource[] _previous;
    private readonly SharedTexts _texts;
    private readonly Span<char> _scratch;
    private readonly List<ReportedSource> _sources;
    private readonly List<long> _values = [];
    private Utf8JsonReader _json;

    // Which data source of before is the likely one now, and how many names did not fit since one last did.
    private int _likely;
    private int _unlikely;
    private double _timestamp = double.NaN;

    // Data sources of one owner mostly stand together.
    private ReadOnlySpan<byte> _ownerText = "host"u8;
    private Owner _owner = Owner.Host;

    private MetadataReader(ReadOnlySpan<byte> json, int version, ReportedSource[] previous, Span<char> scratch)
    {
        _json = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        _version = version;
        _previous = previous;
        _texts = new SharedTexts(previous);
        _scratch = scratch;
        _sources = new List<ReportedSource>(previous.Length);
    }

    /// <summary>Reads the metadata of a version 2 page.</summary>
    /// <param name="json">The text without closing NULs.</param>
    /// <param name="previous">What the page reported before: its strings are used again.</param>
    /// <param name="sources">In the order of the values.</param>
    /// <param name="detail">What is wrong where the result is false.</param>
    public static bool TryReadVersion2(ReadOnlySpan<byte> json, ReportedSource[] previous, out ReportedSource[] sources, out string detail)
    {
        return TryRead(json, 2, previous, out sources, out _, out _, out detail);
    }

    /// <summary>Reads the payload of a version 1 page, which has time and values in it.</summary>
    public static bool TryReadVersion1(
        ReadOnlySpan<byte> json,
        ReportedSource[] previous,
        out ReportedSource[] sources,
        out long[] values,
        out double timestamp,
        out string detail)
    {
        return TryRead(json, 1, previous, out sources, out values, out timestamp, out detail);
    }

    private static bool TryRead(
        ReadOnlySpan<byte> json,
        int version,
        ReportedSource[] previous,
        out ReportedSource[] sources,
        out long[] values,
        out double timestamp,
        out string detail)
    {
        int length = BareNumbers.QuotedLength(json);
        byte[] quoted = length > json.Length ? ArrayPool<byte>.Shared.Rent(length) : [];
        try
        {
            if (length > json.Length)
            {
                BareNumbers.Quote(json, quoted);
                json = quoted.AsSpan(0, length);
            }
            var reader = new MetadataReader(json, version, previous, stackalloc char[ScratchLength]);
            reader.Read();
            sources = [.. reader._sources];
            values = [.. reader._values];
            timestamp = reader._timestamp;
            detail = "";
            return true;
        }
        // GetString throws InvalidOperationException for text that is no UTF-8.
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            sources = [];
            values = [];
            timestamp = double.NaN;
            detail = e.Message;
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(quoted);
        }
    }

    private void Read()
    {
        bool hasSources = false;
        _json.Read();
        ExpectObject("the payload");
        while (NextMember(out var member))
        {
            if (member.SequenceEqual("datasources"u8))
            {
                hasSources = true;
                ReadSources();
            }
            else if (member.SequenceEqual("timestamp"u8) && _version == 1)
            {
                _timestamp = Number(Scalar("timestamp"), "timestamp");
            }
            else
            {
                Skip(member);
            }
        }
        if (_json.Read())
        {
            throw new FormatException("text after the end of the object");
        }
        if (!hasSources)
        {
            throw new FormatException("no member 'datasources'");
        }
    }

    private void ReadSources()
    {
        ExpectObject("datasources");
        while (NextName(out string name))
        {
            var source = ReadSource(name, out var value);
            _sources.Add(source);
            _likely++;
            if (_version == 1)
            {
                _values.Add(Value(value.IsEmpty ? throw new FormatException($"data source '{name}' has no value") : value, source));
            }
        }
    }

    private ReportedSource ReadSource(string name, out ReadOnlySpan<byte> value)
    {
        var likely = Likely;
        var owner = Owner.Host;
        var type = ReportedType.Absolute;
        bool? isInteger = _version == 1 ? false : null;
        bool isDefault = false;
        bool isInverse = false;
        string units = "";
        string description = "";
        string incarnation = "";
        double min = double.NegativeInfinity;
        double max = double.PositiveInfinity;
        value = default;
        ExpectObject(name);
        while (NextMember(out var key))
        {
            if (key.SequenceEqual("description"u8))
            {
                description = Text(ReportedSource.MaxDescriptionLength, likely?.Description, name, "description");
            }
            else if (key.SequenceEqual("owner"u8))
            {
                owner = OwnerOf(name, Scalar("owner"));
            }
            else if (key.SequenceEqual("value_type"u8))
            {
                isInteger = IsInteger(Scalar("value_type"), name);
            }
            else if (key.SequenceEqual("type"u8))
            {
                type = Type(Scalar("type"), name);
            }
            else if (key.SequenceEqual("default"u8))
            {
                isDefault = IsSecond(Scalar("default"), "false"u8, "true"u8, name, "default");
            }
            else if (key.SequenceEqual("units"u8))
            {
                units = Text(ReportedSource.MaxUnitsLength, likely?.Units, name, "units");
            }
            else if (key.SequenceEqual("incarnation"u8))
            {
                incarnation = Text(ReportedSource.MaxIncarnationLength, likely?.Incarnation, name, "incarnation");
            }
            else if (key.SequenceEqual("min"u8))
            {
                min = Bound(Scalar("min"), double.NegativeInfinity, "min");
            }
            else if (key.SequenceEqual("max"u8))
            {
                max = Bound(Scalar("max"), double.PositiveInfinity, "max");
            }
            else if (key.SequenceEqual("transform"u8) && _version == 2)
            {
                isInverse = IsSecond(Scalar("transform"), "identity"u8, "inverse"u8, name, "transform");
            }
            else if (key.SequenceEqual("value"u8) && _version == 1)
            {
                value = Scalar("value");
            }
            else
            {
                Skip(key);
            }
        }
        bool isWhole = isInteger ?? throw new FormatException($"data source '{name}' has no value_type");
        bool isLikely = likely is not null
            && ReferenceEquals(name, likely.Name) && owner == likely.Owner && type == likely.Type
            && isWhole == likely.IsInteger && isDefault == likely.IsDefault && isInverse == likely.IsInverse
            && ReferenceEquals(units, likely.Units) && ReferenceEquals(description, likely.Description)
            && ReferenceEquals(incarnation, likely.Incarnation) && min.Equals(likely.Min) && max.Equals(likely.Max);
        return isLikely ? likely! : new ReportedSource(name)
        {
            Owner = owner,
            Type = type,
            IsInteger = isWhole,
            IsDefault = isDefault,
            IsInverse = isInverse,
            Units = units,
            Description = description,
            Incarnation = incarnation,
            Min = min,
            Max = max,
        };
    }

    /// <summary>What stood in this place before.</summary>
    private readonly ReportedSource? Likely => _likely < _previous.Length ? _previous[_likely] : null;

    /// <summary>Looks for the data source of before that has this name: where some were added, removed or replaced, it is near by.</summary>
    private void FindLikely(ReadOnlySpan<char> name)
    {
        // The names before this one were added; or they took the places of as many; or of one more, or less.
        int added = _likely - _unlikely;
        foreach (int place in (ReadOnlySpan<int>)[_likely, added, _likely + 1, added + 1])
        {
            if (place >= 0 && place < _previous.Length && name.SequenceEqual(_previous[place].Name))
            {
                _likely = place;
                _unlikely = 0;
                return;
            }
        }
        _unlikely++;
    }

    private readonly void ExpectObject(string what)
    {
        if (_json.TokenType != JsonTokenType.StartObject)
        {
            throw new FormatException($"{Foreign.Shown(what)} is no JSON object");
        }
    }

    /// <summary>Moves to the value of the next member of this object; false at its end.</summary>
    private bool NextMember(out ReadOnlySpan<byte> name)
    {
        name = default;
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
        {
            return false;
        }
        name = Utf8();
        _json.Read();
        return true;
    }

    /// <summary>Moves to the next data source; false behind the last.</summary>
    private bool NextName(out string name)
    {
        name = "";
        _json.Read();
        if (_json.TokenType == JsonTokenType.EndObject)
        {
            return false;
        }
        if (_sources.Count == PageReader.MaxSources)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"more than {PageReader.MaxSources} data sources"));
        }
        name = Name(Characters());
        _json.Read();
        return true;
    }

    private void Skip(ReadOnlySpan<byte> name)
    {
        if (!System.Text.Unicode.Utf8.IsValid(name))
        {
            throw new FormatException("the name of a member is no UTF-8");
        }
        _json.Skip();
    }

    /// <summary>A string, number or boolean as text: writers put numbers and booleans into strings.</summary>
    private readonly ReadOnlySpan<byte> Scalar(string key) =>
        _json.TokenType is JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False
            ? Utf8()
            : throw new FormatException($"'{key}' is neither text nor number");

    private readonly ReadOnlySpan<byte> Utf8() => _json.ValueIsEscaped ? Encoding.UTF8.GetBytes(_json.GetString()!) : _json.ValueSpan;

    /// <summary>A string as it is read, until the next one is.</summary>
    private readonly Span<char> Characters() =>
        _json.ValueSpan.Length <= _scratch.Length ? _scratch[.._json.CopyString(_scratch)] : _json.GetString()!.ToCharArray();

    private string Name(Span<char> name)
    {
        // Documents pad names with blanks, so blanks at the ends cannot be told from none.
        name = name.Trim(' ');
        if (name.Length is 0 or > ReportedSource.MaxNameLength)
        {
            throw new FormatException(string.Create(
                CultureInfo.InvariantCulture, $"a data source name of {name.Length} characters; 1 to {ReportedSource.MaxNameLength} are allowed"));
        }
        if (name.ContainsAnyInRange('\0', '\x1f') || name.ContainsAnyInRange('\x7f', '\x9f'))
        {
            throw new FormatException($"data source '{Foreign.Shown(name.ToString())}' has a control character in its name");
        }
        // Readers split legend entries at colons.
        name.Replace(':', '/');
        FindLikely(name);
        return _texts.Get(name, Likely?.Name ?? "");
    }

    private readonly string Text(int maxLength, string? likely, string name, string key)
    {
        ReadOnlySpan<char> text = _json.TokenType == JsonTokenType.String ? Characters() : Encoding.UTF8.GetString(Scalar(key));
        return text.Length <= maxLength ? _texts.Get(text, likely ?? "") : throw new FormatException($"'{key}' of '{name}' is too long");
    }

    private Owner OwnerOf(string name, ReadOnlySpan<byte> text)
    {
        if (!text.SequenceEqual(_ownerText))
        {
            if (!Owner.TryParse(Encoding.UTF8.GetString(text), out var owner))
            {
                throw Wrong(name, "owner", text);
            }
            _ownerText = text;
            _owner = owner with { Uuid = _texts.Get(owner.Uuid, "") };
        }
        return _owner;
    }

    private static bool IsInteger(ReadOnlySpan<byte> text, string name) =>
        Ascii.EqualsIgnoreCase(text, "int64"u8)
        || (Ascii.EqualsIgnoreCase(text, "float"u8) ? false : throw Wrong(name, "value_type", text));

    private static ReportedType Type(ReadOnlySpan<byte> text, string name) =>
        Ascii.EqualsIgnoreCase(text, "gauge"u8) ? ReportedType.Gauge
        : Ascii.EqualsIgnoreCase(text, "absolute"u8) ? ReportedType.Absolute
        : Ascii.EqualsIgnoreCase(text, "derive"u8) ? ReportedType.Derive
        : Ascii.EqualsIgnoreCase(text, "counter"u8) ? ReportedType.Counter
        : throw Wrong(name, "type", text);

    private static bool IsSecond(ReadOnlySpan<byte> text, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, string name, string key) =>
        text.SequenceEqual(second) || (text.SequenceEqual(first) ? false : throw Wrong(name, key, text));

    private static double Bound(ReadOnlySpan<byte> text, double ifUnknown, string key)
    {
        double bound = Number(text, key);
        return double.IsNaN(bound) ? ifUnknown : bound;
    }

    private static double Number(ReadOnlySpan<byte> text, string key) =>
        FloatText.TryParse(text, out double number) ? number : throw new FormatException($"'{Foreign.Shown(text)}' of '{key}' is no number");

    private static long Value(ReadOnlySpan<byte> text, ReportedSource source)
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
            : throw new FormatException($"'{Foreign.Shown(text)}' of '{source.Name}' is no int64");
    }

    private static FormatException Wrong(string name, string key, ReadOnlySpan<byte> text) =>
        new($"'{Foreign.Shown(text)}' is no {key} (data source '{Foreign.Shown(name)}')");
}
