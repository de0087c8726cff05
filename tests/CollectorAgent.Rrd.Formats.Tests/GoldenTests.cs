namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>Every document of one small RRD, byte for byte. UPDATE_GOLDEN=1 rewrites the files: read what changed.</summary>
public sealed class GoldenTests
{
    public static OpenMetricsSample[] Metrics { get; } =
    [
        new("host", "h-1", "memory_total_kib", "KiB", "Memory of the host", 33351000),
        new("vm", "v-1", "cpu0", "(fraction)", "Share of time that vCPU 0 ran", 0.4f),
        new("vm", "v-2", "cpu0", "(fraction)", "", double.NaN),
        new("sr", "s\"1\\", "<a&b\"", "", "Said \"so\",\nand \\ more", double.NegativeInfinity),
        new("sr", "s-2", "read_latency_abc", "μs", "Read latency", 1e15),
    ];

    [Fact]
    public async Task Rrd_in_xml_for_readers() => Repository.AssertGolden("rrd-external.xml", await Documents.Small().XmlAsync());

    [Fact]
    public async Task Rrd_in_xml_for_archives() =>
        Repository.AssertGolden("rrd-internal.xml", await Documents.Small().XmlAsync(RrdForm.Internal));

    [Fact]
    public async Task Rrd_in_json() => Repository.AssertGolden("rrd.json", await Documents.Small().JsonAsync());

    [Fact]
    public async Task Rows_in_xml() => Repository.AssertGolden("xport.xml", await Rows().XmlAsync());

    [Fact]
    public async Task Rows_in_json() => Repository.AssertGolden("xport.json", await Rows().JsonAsync());

    [Fact]
    public async Task Newest_values_as_open_metrics() =>
        Repository.AssertGolden("metrics.txt", await Documents.TextAsync(p => new OpenMetricsWriter().WriteAsync(Metrics, p, default)));

    private static Xport Rows() => Documents.Export(new XportQuery(-30, 15), ("host:h-1", Documents.Small()), ("vm:v-1", Documents.Small()));
}
