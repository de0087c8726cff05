using System.Text;

namespace CollectorAgent.Protocol;

/// <summary>A metric family, kept from one reading to the next together with the texts of its data sources.</summary>
/// <param name="name">As the metrics spell it: ASCII letters, digits, underscores and colons.</param>
internal sealed class MetricFamily(string name)
{
    public string Name { get; } = name;

    public byte[] Utf8Name { get; } = Encoding.ASCII.GetBytes(name);

    /// <summary>The name as data sources have it: readers split names at colons.</summary>
    public string SourceName { get; } = name.Replace(":", "%3A", StringComparison.Ordinal);

    /// <summary>The reading it was last seen in.</summary>
    public long Reading { get; private set; }

    public MetricType Type { get; private set; }

    public string Description { get; private set; } = "";

    public string Units { get; private set; } = "";

    /// <summary>The unit of a running total, which is kept per second.</summary>
    public string UnitsPerSecond { get; private set; } = "";

    public bool HasType { get; private set; }

    public bool HasDescription { get; private set; }

    public bool HasUnits { get; private set; }

    /// <summary>A sample was seen: what describes the family comes before.</summary>
    public bool HasSamples { get; private set; }

    public void Begin(long reading)
    {
        Reading = reading;
        Type = MetricType.Unknown;
        HasType = HasDescription = HasUnits = HasSamples = false;
    }

    public void SetType(MetricType type)
    {
        Type = type;
        HasType = true;
    }

    public void SetDescription(ReadOnlySpan<char> text)
    {
        HasDescription = true;
        if (!text.SequenceEqual(Description))
        {
            Description = text.ToString();
        }
    }

    public void SetUnits(ReadOnlySpan<char> text)
    {
        HasUnits = true;
        if (!text.SequenceEqual(Units))
        {
            Units = ReportedSource.WithGreekMu(text.ToString());
            UnitsPerSecond = text.Length > 0 ? Units + "/s" : "";
        }
    }

    public void BeginSamples()
    {
        if (HasSamples)
        {
            return;
        }
        HasSamples = true;
        if (!HasDescription)
        {
            SetDescription("");
        }
        if (!HasUnits)
        {
            SetUnits("");
        }
    }

    /// <summary>What the sample with this suffix behind the name of the family is. A counter may lack its suffix: before OpenMetrics it had
    /// none.</summary>
    public SeriesMeaning MeaningOf(ReadOnlySpan<byte> suffix) => Type switch
    {
        MetricType.Counter when suffix.IsEmpty || suffix.SequenceEqual("_total"u8) => SeriesMeaning.Total,
        MetricType.Info when suffix.IsEmpty || suffix.SequenceEqual("_info"u8) => SeriesMeaning.Info,
        MetricType.Histogram when suffix.SequenceEqual("_bucket"u8) => SeriesMeaning.Events,
        MetricType.Histogram or MetricType.Summary when suffix.SequenceEqual("_count"u8) => SeriesMeaning.Events,
        MetricType.Histogram or MetricType.Summary when suffix.SequenceEqual("_sum"u8) => SeriesMeaning.Total,
        MetricType.Histogram or MetricType.Summary or MetricType.Counter when suffix.SequenceEqual("_created"u8) => SeriesMeaning.Created,
        MetricType.GaugeHistogram when suffix.SequenceEqual("_bucket"u8) || suffix.SequenceEqual("_gcount"u8) => SeriesMeaning.Population,
        MetricType.GaugeHistogram when suffix.SequenceEqual("_gsum"u8) => SeriesMeaning.Value,
        MetricType.Unknown or MetricType.Gauge or MetricType.StateSet or MetricType.Summary when suffix.IsEmpty => SeriesMeaning.Value,
        _ => SeriesMeaning.Stranger,
    };

    /// <summary>The label without which the sample with this suffix is none of several; empty where it needs none.</summary>
    public ReadOnlySpan<byte> NeededLabel(ReadOnlySpan<byte> suffix) => Type switch
    {
        MetricType.Histogram or MetricType.GaugeHistogram when suffix.SequenceEqual("_bucket"u8) => "le"u8,
        MetricType.Summary when suffix.IsEmpty => "quantile"u8,
        MetricType.StateSet => Utf8Name,
        _ => default,
    };
}
