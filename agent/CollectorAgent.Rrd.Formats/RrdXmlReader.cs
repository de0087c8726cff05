using System.Globalization;
using System.Xml;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Reads an RRD from XML: both forms of this agent, those of its predecessors, and the dumps of rrdtool.</summary>
/// <remarks>Nothing of it can be trusted: sizes are bounded, entities are not resolved.</remarks>
public sealed partial class RrdXmlReader
{
    /// <summary>A document has at most so many values.</summary>
    public const long MaxCells = 128L << 20;

    /// <summary>A document has at most so many data sources.</summary>
    public const int MaxDataSources = 32768;

    private const int MaxRras = 64;
    private const int MaxTextCharacters = 4096;
    private const string Blanks = " \t\r\n";
    private const long MaxRows = 4L << 20;
    private const long MaxCharacters = 8L << 30;

    private readonly XmlReader _xml;
    private readonly long _maxCells;
    private readonly char[] _text = new char[MaxTextCharacters];
    private readonly List<Source> _sources = [];
    private readonly List<Rra> _rras = [];
    private readonly UnfinishedRows _unfinished = new();
    private readonly ICollection<string>? _leftOut;
    private int _rraCount;
    private long _rows;
    private long _cells;

    private RrdXmlReader(XmlReader xml, long maxCells, ICollection<string>? leftOut)
    {
        _xml = xml;
        _maxCells = maxCells;
        _leftOut = leftOut;
    }

    private sealed record Source(
        string Name, DataSourceType Type, double Heartbeat, double Min, double Max, string Last, double Value, double UnknownSeconds, double? LastUpdated)
    {
        /// <summary>It is worked out from others when a value comes, by a formula that has no meaning here.</summary>
        public bool IsComputed { get; init; }

        /// <summary>Whatever its last value looks like, others may not be integers.</summary>
        public bool IsDouble { get; init; }
    }

    private sealed record Rra(RraDefinition Definition, List<CdpScratch> Scratches, List<double[]> Rows);

    /// <summary>Says why a document of an RRD could not be read again; null where it could.</summary>
    /// <param name="maxCells">As the reader will have it.</param>
    public static string? WhyUnreadable(RrdSnapshot rrd, long maxCells = MaxCells)
    {
        long sources = rrd.DataSources.LongCount();
        long cells = sources * rrd.Layout.Rras.Sum(r => (long)r.Rows);
        return sources > MaxDataSources ? $"it has {sources} data sources; the limit of a document is {MaxDataSources}"
            : cells > maxCells ? $"it has {cells} values; the limit of a document is {maxCells}"
            : null;
    }

    /// <param name="maxCells">How many values are read at most. They take 16 bytes each before there is an RRD of them.</param>
    /// <param name="leftOut">Takes what has no meaning here, a sentence each.</param>
    /// <exception cref="ArchiveFormatException">It is no RRD; the message says where.</exception>
    /// <exception cref="IOException">The stream cannot be read.</exception>
    public static RoundRobinDatabase Read(Stream stream, long maxCells = MaxCells, ICollection<string>? leftOut = null)
    {
        var settings = new XmlReaderSettings
        {
            // rrdtool's dumps name a DTD.
            DtdProcessing = DtdProcessing.Ignore,
            XmlResolver = null,
            IgnoreComments = true,
            IgnoreWhitespace = true,
            IgnoreProcessingInstructions = true,
            MaxCharactersInDocument = MaxCharacters,
        };
        using var xml = XmlReader.Create(new TagBound(stream), settings);
        try
        {
            return new RrdXmlReader(xml, maxCells, leftOut).ReadRrd();
        }
        catch (Exception e) when (e is XmlException or FormatException or OverflowException or ArgumentOutOfRangeException)
        {
            string place = xml is IXmlLineInfo { LineNumber: > 0 } line
                ? string.Create(CultureInfo.InvariantCulture, $" (line {line.LineNumber}, column {line.LinePosition})")
                : "";
            throw new ArchiveFormatException(e.Message + place, e);
        }
    }

    private RoundRobinDatabase ReadRrd()
    {
        int step = 0;
        double lastUpdate = 0;
        _xml.MoveToContent();
        ReadElement("rrd", name =>
        {
            switch (name)
            {
                case "version":
                    Text();
                    break;
                case "step":
                    step = (int)Number();
                    break;
                case "lastupdate":
                    lastUpdate = Number();
                    break;
                // Once there are rows it is settled how many values they have.
                case "ds" when _rraCount == 0:
                    _sources.Add(ReadSource());
                    Bound(_sources.Count, MaxDataSources, "data sources");
                    break;
                case "rra":
                    Bound(++_rraCount, MaxRras, "RRAs");
                    ReadRra();
                    break;
                default:
                    throw Unexpected();
            }
        });
        if (!(lastUpdate >= 0 && lastUpdate < long.MaxValue / 2))
        {
            throw new FormatException("lastupdate is no time");
        }
        return Build(new ArchiveLayout(step, _rras.Select(r => r.Definition)), lastUpdate);
    }

    private Source ReadSource()
    {
        var source = new Source("", DataSourceType.Gauge, DataSource.StandardHeartbeatSeconds, double.NaN, double.NaN, "U", 0, 0, null);
        ReadElement("ds", name => source = name switch
        {
            "name" => source with { Name = Text().ToString() },
            "type" => Typed(source, Text().ToString()),
            "cdef" when source.IsComputed => Skipped(source),
            "minimal_heartbeat" => source with { Heartbeat = Number() },
            "min" => source with { Min = Number() },
            "max" => source with { Max = Number() },
            "last_ds" => source with { Last = Text().ToString() },
            "value" => source with { Value = Number() },
            "unknown_sec" => source with { UnknownSeconds = Number() },
            "last_updated" => source with { LastUpdated = Number() },
            _ => throw Unexpected(),
        });
        return source.Name.Length > 0 ? source : throw new FormatException("a data source without a name");
    }

    /// <summary>The types of rrdtool, see rrdcreate(1): two of them are others of doubles, one is a formula.</summary>
    private static Source Typed(Source source, string type) => type switch
    {
        "COMPUTE" => source with { IsComputed = true },
        "DCOUNTER" => source with { Type = DataSourceType.Counter, IsDouble = true },
        "DDERIVE" => source with { Type = DataSourceType.Derive, IsDouble = true },
        _ => source with { Type = FunctionNames.ParseType(type) ?? throw UnknownType() },
    };

    private Source Skipped(Source source)
    {
        Text();
        return source;
    }

    private void ReadRra()
    {
        string function = "";
        int pdpPerCdp = 0;
        double xff = 0.5;
        var scratches = new List<CdpScratch>();
        var rows = new List<double[]>();
        ReadElement("rra", name =>
        {
            switch (name)
            {
                case "cf":
                    function = Text().ToString();
                    break;
                case "pdp_per_row":
                    pdpPerCdp = checked((int)Number());
                    break;
                case "xff":
                    xff = ReadXff();
                    break;
                case "params":
                    ReadElement("params", n => xff = n == "xff" ? ReadXff() : Number());
                    break;
                case "cdp_prep":
                    ReadElement("cdp_prep", _ =>
                    {
                        scratches.Add(ReadScratch());
                        Bound(scratches.Count, MaxDataSources, "entries in cdp_prep");
                    });
                    break;
                case "database":
                    ReadElement("database", _ => rows.Add(ReadRow()));
                    break;
                default:
                    throw Unexpected();
            }
        });
        if (FunctionNames.IsForecast(function))
        {
            _leftOut?.Add($"an RRA of {function}: a forecast, or what one needs");
            return;
        }
        _rras.Add(new Rra(
            new RraDefinition(
                FunctionNames.ParseFunction(function) ?? throw new FormatException("an RRA without a known cf"), pdpPerCdp, Math.Max(1, rows.Count), xff),
            scratches,
            rows));
    }

    private double ReadXff()
    {
        var text = Text();
        _unfinished.SeeXff(text);
        return Number(text);
    }

    private CdpScratch ReadScratch()
    {
        double value = double.NaN;
        double unknown = 0;
        ReadElement("ds", name =>
        {
            double number = Number();
            _unfinished.See(name, number);
            value = name == "value" ? number : value;
            unknown = name == "unknown_datapoints" ? number : unknown;
        });
        return new CdpScratch(value, (long)unknown);
    }

    private double[] ReadRow()
    {
        var values = new double[_sources.Count];
        int count = 0;
        ReadElement("row", name =>
        {
            double value = Number();
            if (name == "v")
            {
                values[count < values.Length ? count : throw new FormatException("a row with more values than data sources")] = value;
                count++;
            }
        });
        Bound(++_rows, MaxRows, "rows");
        Bound(_cells += count, _maxCells, "values");
        return count == values.Length ? values : throw new FormatException("a row with fewer values than data sources");
    }

    /// <summary>Reads an element whose content is elements, each read by <paramref name="readOne"/>, which is given its name.</summary>
    private void ReadElement(string name, Action<string> readOne)
    {
        if (_xml.NodeType != XmlNodeType.Element || _xml.Name != name)
        {
            throw new FormatException($"<{name}> expected, not <{_xml.Name}>");
        }
        if (!StartElement())
        {
            return;
        }
        while (_xml.NodeType == XmlNodeType.Element)
        {
            readOne(_xml.Name);
        }
        _xml.ReadEndElement();
    }

    /// <returns>Whether there is anything in it.</returns>
    private bool StartElement()
    {
        // The reader keeps the name of each attribute it has met, so a document could have it keep gigabytes. The root may name schemas.
        if (_xml.HasAttributes && _xml.Depth > 0)
        {
            throw new FormatException($"<{_xml.Name}> has attributes");
        }
        bool isEmpty = _xml.IsEmptyElement;
        _xml.ReadStartElement();
        return !isEmpty;
    }

    /// <summary>The text of an element that holds nothing else, without blanks at its ends. Good until the next call.</summary>
    private ReadOnlySpan<char> Text()
    {
        if (!StartElement())
        {
            return default;
        }
        int length = 0;
        while (_xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
        {
            while (_xml.ReadValueChunk(_text, length, _text.Length - length) is > 0 and var read)
            {
                length += read;
                Bound(length, _text.Length - 1, "characters in one text");
            }
            _xml.Read();
        }
        _xml.ReadEndElement();
        return _text.AsSpan(0, length).Trim(Blanks);
    }

    private double Number() => Number(Text());

    private static double Number(ReadOnlySpan<char> text)
    {
        return text is "U" or "" ? double.NaN
            : NumberFormat.TryParse(text, out double value) ? value
            : throw new FormatException("an invalid number");
    }

    private static FormatException UnknownType() => new("a data source of unknown type");

    private FormatException Unexpected() => new($"<{_xml.Name}> has no meaning here");

    private static void Bound(long count, long max, string what)
    {
        if (count > max)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"more than {max} {what}"));
        }
    }
}
