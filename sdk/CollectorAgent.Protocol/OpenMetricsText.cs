using System.Buffers;
using System.Globalization;
using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>Reads OpenMetrics text line by line; docs/formats/sample-page.md says what is accepted beyond the letter.</summary>
internal ref struct OpenMetricsText
{
    private static readonly SearchValues<byte> Blanks = SearchValues.Create(" \t"u8);

    private static readonly string[] Suffixes = ["_total", "_created", "_bucket", "_count", "_sum", "_gcount", "_gsum", "_info"];

    private readonly MetricSources _sources;
    private ReadOnlySpan<byte> _line;
    private int _lineNumber;
    private bool _hasEnded;
    private MetricFamily? _family;

    private OpenMetricsText(MetricSources sources) => _sources = sources;

    /// <param name="hasEnd">The text must end with <c># EOF</c>.</param>
    /// <exception cref="FormatException">The text is no OpenMetrics.</exception>
    public static void Read(ReadOnlySpan<byte> text, bool hasEnd, MetricSources sources)
    {
        if (!System.Text.Unicode.Utf8.IsValid(text))
        {
            throw new FormatException("the text is no UTF-8");
        }
        var reader = new OpenMetricsText(sources);
        while (!text.IsEmpty)
        {
            int length = text.IndexOf((byte)'\n');
            reader.ReadLine(length < 0 ? text : text[..length]);
            text = length < 0 ? default : text[(length + 1)..];
        }
        if (hasEnd && !reader._hasEnded)
        {
            throw new FormatException("no '# EOF' at the end");
        }
    }

    /// <summary>Takes the backslashes out: <c>\n</c> is a line feed, a backslash or quote stands for itself; others stay as they are.</summary>
    /// <param name="room">At least as long as the text.</param>
    /// <returns>How many bytes were written.</returns>
    public static int Unescape(ReadOnlySpan<byte> text, Span<byte> room)
    {
        int length = 0;
        for (int i = 0; i < text.Length; i++)
        {
            byte b = text[i];
            if (b == '\\' && i + 1 < text.Length && text[i + 1] is (byte)'n' or (byte)'\\' or (byte)'"')
            {
                i++;
                b = text[i] == 'n' ? (byte)'\n' : text[i];
            }
            room[length++] = b;
        }
        return length;
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        _lineNumber++;
        // What other systems write at the start of a file and at the end of a line.
        _line = Utf8Mark.Skip(line).TrimEnd((byte)'\r');
        SkipBlanks();
        if (_hasEnded)
        {
            throw Broken("text behind '# EOF'");
        }
        if (_line.IsEmpty)
        {
            return;
        }
        if (_line[0] == '#')
        {
            ReadComment();
        }
        else
        {
            ReadSample();
        }
    }

    private void ReadComment()
    {
        _line = _line[1..];
        SkipBlanks();
        var keyword = NextToken();
        if (keyword.SequenceEqual("EOF"u8))
        {
            _hasEnded = _line.IsEmpty ? true : throw Broken("text behind '# EOF'");
        }
        else if (keyword.SequenceEqual("TYPE"u8))
        {
            if (DescribedFamily() is { } family && Type(LastToken()) is var type && IsNew(family, family.HasType, family.Type == type))
            {
                family.SetType(type);
            }
        }
        else if (keyword.SequenceEqual("HELP"u8))
        {
            if (DescribedFamily() is { } family
                && IsNew(family, family.HasDescription, _sources.IsDescribed(family, _line, isEscaped: true)))
            {
                _sources.Describe(family, _line, isEscaped: true);
            }
        }
        else if (keyword.SequenceEqual("UNIT"u8))
        {
            if (DescribedFamily() is { } family
                && LastToken() is var units
                && IsNew(family, family.HasUnits, _sources.HasUnits(family, units)))
            {
                _sources.SetUnits(family, units);
            }
        }
    }

    /// <summary>The family whose name comes next.</summary>
    private MetricFamily? DescribedFamily()
    {
        var name = NextToken();
        return _family is { } family && name.SequenceEqual(family.Utf8Name) ? family : _family = _sources.BeginFamily(name);
    }

    /// <summary>Whether a description is the first of its kind. Some exporters repeat it with each series: that changes nothing.</summary>
    private readonly bool IsNew(MetricFamily family, bool isDescribed, bool isSame) =>
        !isDescribed && !family.HasSamples ? true
        : isDescribed && isSame ? false
        : throw Broken($"family {Foreign.Shown(family.Name)} is described twice in different words, or after its samples");

    private readonly MetricType Type(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("gauge"u8) ? MetricType.Gauge
        : word.SequenceEqual("counter"u8) ? MetricType.Counter
        : word.SequenceEqual("histogram"u8) ? MetricType.Histogram
        : word.SequenceEqual("gaugehistogram"u8) ? MetricType.GaugeHistogram
        : word.SequenceEqual("summary"u8) ? MetricType.Summary
        : word.SequenceEqual("stateset"u8) ? MetricType.StateSet
        : word.SequenceEqual("info"u8) ? MetricType.Info
        : word.SequenceEqual("unknown"u8) || word.SequenceEqual("untyped"u8) ? MetricType.Unknown
        : throw Broken($"'{Foreign.Shown(word)}' is no type");

    private void ReadSample()
    {
        int length = MetricName.Length(_line, mayHaveColon: true);
        if (length == 0)
        {
            throw Broken("it begins neither with # nor with a name");
        }
        var name = _line[..length];
        _line = _line[length..];
        if (_line.IsEmpty || (_line[0] != '{' && !Blanks.Contains(_line[0])))
        {
            throw Broken("no value behind the name");
        }
        SkipBlanks();
        _sources.Labels.Clear();
        ReadLabels(_sources.Labels);
        SkipBlanks();
        double value = Number("value");
        if (!_line.IsEmpty && _line[0] != '#')
        {
            Number("time stamp");
        }
        if (!_line.IsEmpty)
        {
            ReadExemplar();
        }
        if (_family is null || !IsOf(_family, name))
        {
            _family = BeginFamily(name);
        }
        if (_family is { } family)
        {
            _sources.Add(family, name[family.Utf8Name.Length..], value);
        }
    }

    private static bool IsOf(MetricFamily family, ReadOnlySpan<byte> name) =>
        name.StartsWith(family.Utf8Name) && family.MeaningOf(name[family.Utf8Name.Length..]) != SeriesMeaning.Stranger;

    /// <summary>Begins a family that nothing describes. It may be a sample that strayed from its own: then its type would be lost.</summary>
    private readonly MetricFamily? BeginFamily(ReadOnlySpan<byte> name)
    {
        Span<byte> suffix = stackalloc byte[8];
        foreach (string known in Suffixes)
        {
            int length = Encoding.ASCII.GetBytes(known, suffix);
            if (name.EndsWith(suffix[..length]) && _sources.HasMember(name[..^length], suffix[..length]))
            {
                throw Broken($"{Foreign.Shown(name)} stands apart from its family");
            }
        }
        return _sources.BeginFamily(name);
    }

    private void ReadExemplar()
    {
        if (_line[0] != '#')
        {
            throw Broken("text behind the time stamp");
        }
        _line = _line[1..];
        SkipBlanks();
        if (_line.IsEmpty || _line[0] != '{')
        {
            throw Broken("an exemplar without labels");
        }
        ReadLabels(null);
        SkipBlanks();
        Number("value of the exemplar");
        if (!_line.IsEmpty)
        {
            Number("time stamp of the exemplar");
        }
        if (!_line.IsEmpty)
        {
            throw Broken("text behind the exemplar");
        }
    }

    private void ReadLabels(SeriesLabels? labels)
    {
        if (_line.IsEmpty || _line[0] != '{')
        {
            return;
        }
        _line = _line[1..];
        SkipBlanks();
        while (!Take('}'))
        {
            int length = MetricName.Length(_line, mayHaveColon: false);
            if (length == 0)
            {
                throw Broken("a label without a name");
            }
            var name = _line[..length];
            _line = _line[length..];
            SkipBlanks();
            if (!Take('='))
            {
                throw Broken("no = behind the name of a label");
            }
            SkipBlanks();
            var value = Quoted(out bool isEscaped);
            labels?.Add(name, value, isEscaped);
            SkipBlanks();
            // Before OpenMetrics a comma could stand behind the last label, too.
            if (!Take(',') && (_line.IsEmpty || _line[0] != '}'))
            {
                throw Broken("neither a comma nor } behind a label");
            }
            SkipBlanks();
        }
    }

    private ReadOnlySpan<byte> Quoted(out bool isEscaped)
    {
        isEscaped = false;
        if (!Take('"'))
        {
            throw Broken("the value of a label does not begin with a quote");
        }
        int place = 0;
        while (true)
        {
            int next = _line[place..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                throw Broken("the value of a label does not end");
            }
            place += next;
            if (_line[place] == '"')
            {
                var value = _line[..place];
                _line = _line[(place + 1)..];
                return value;
            }
            isEscaped = true;
            place = Math.Min(place + 2, _line.Length);
        }
    }

    private bool Take(char character)
    {
        if (_line.IsEmpty || _line[0] != character)
        {
            return false;
        }
        _line = _line[1..];
        return true;
    }

    private ReadOnlySpan<byte> NextToken()
    {
        int length = _line.IndexOfAny(Blanks);
        var token = length < 0 ? _line : _line[..length];
        _line = _line[token.Length..];
        SkipBlanks();
        return token;
    }

    private ReadOnlySpan<byte> LastToken()
    {
        var token = NextToken();
        return _line.IsEmpty ? token : throw Broken($"text behind '{Foreign.Shown(token)}'");
    }

    private void SkipBlanks() => _line = _line.TrimStart(" \t"u8);

    private double Number(string what)
    {
        var token = NextToken();
        var digits = !token.IsEmpty && token[0] is (byte)'+' or (byte)'-' ? token[1..] : token;
        if (!digits.IsEmpty && (char.IsAsciiDigit((char)digits[0]) || digits[0] == '.'))
        {
            const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
            if (double.TryParse(token, Style, CultureInfo.InvariantCulture, out double number))
            {
                return number;
            }
        }
        else if (Ascii.EqualsIgnoreCase(digits, "inf"u8) || Ascii.EqualsIgnoreCase(digits, "infinity"u8))
        {
            return token[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        }
        else if (Ascii.EqualsIgnoreCase(token, "nan"u8))
        {
            return double.NaN;
        }
        throw Broken($"'{Foreign.Shown(token)}' is no number: the {what}");
    }

    private readonly FormatException Broken(string what) => new(string.Create(CultureInfo.InvariantCulture, $"line {_lineNumber}: {what}"));
}
