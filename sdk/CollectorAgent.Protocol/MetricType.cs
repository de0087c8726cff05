namespace CollectorAgent.Protocol;

/// <summary>Types of metric families; the numbers are those of OpenMetrics protobuf.</summary>
internal enum MetricType
{
    Unknown = 0,
    Gauge = 1,
    Counter = 2,
    StateSet = 3,
    Info = 4,
    Histogram = 5,
    GaugeHistogram = 6,
    Summary = 7,
}
