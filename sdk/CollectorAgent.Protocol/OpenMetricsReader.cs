namespace CollectorAgent.Protocol;

/// <summary>Reads OpenMetrics, text or protobuf, again and again, and makes data sources of it.</summary>
/// <remarks>
/// A reading that has the families, labels and order of the one before keeps its data sources and makes no new ones. The mapping is in
/// docs/formats/sample-page.md. Not safe for concurrent use.
/// </remarks>
public sealed class OpenMetricsReader
{
    private readonly MetricSources _metrics = new();
    private ReportedSource[] _sources = [];
    private long[] _values = [];

    /// <summary>The data sources of the last good reading, in the order of <see cref="Values"/>. The same array while they are the same.</summary>
    public IReadOnlyList<ReportedSource> Sources => _sources;

    /// <summary>The values of the last good reading: the bits of doubles.</summary>
    public ReadOnlySpan<long> Values => _values;

    /// <summary>What the last good reading had that no data source was made of, each with the reason: the first hundred, then how many more.
    /// The same list while it is the same.</summary>
    public IReadOnlyList<string> LeftOut { get; private set; } = [];

    /// <summary>What was wrong at the last reading; empty where it was good.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>Reads text, OpenMetrics or Prometheus 0.0.4.</summary>
    /// <param name="utf8">Whole lines; the last may lack its line feed.</param>
    /// <param name="hasEnd">The text must end with <c># EOF</c>; else it may.</param>
    /// <returns>False if the text is broken: then the last good reading stays as it was.</returns>
    public bool TryReadText(ReadOnlySpan<byte> utf8, bool hasEnd = true) => TryRead(utf8, isText: true, hasEnd);

    /// <summary>Reads a MetricSet of OpenMetrics protobuf.</summary>
    /// <returns>False if it is broken: then the last good reading stays as it was.</returns>
    public bool TryReadProtobuf(ReadOnlySpan<byte> metricSet) => TryRead(metricSet, isText: false, hasEnd: false);

    /// <summary>The data sources as they are kept.</summary>
    internal ReportedSource[] SourceArray => _sources;

    private bool TryRead(ReadOnlySpan<byte> data, bool isText, bool hasEnd)
    {
        _metrics.Begin(_sources);
        try
        {
            if (isText)
            {
                OpenMetricsText.Read(data, hasEnd, _metrics);
            }
            else
            {
                OpenMetricsProtobuf.Read(data, _metrics);
            }
        }
        catch (FormatException e)
        {
            Detail = e.Message;
            return false;
        }
        _sources = _metrics.End(out string[] leftOut);
        LeftOut = leftOut;
        Detail = "";
        if (_values.Length != _sources.Length)
        {
            _values = new long[_sources.Length];
        }
        _metrics.Values.CopyTo(_values);
        return true;
    }
}
