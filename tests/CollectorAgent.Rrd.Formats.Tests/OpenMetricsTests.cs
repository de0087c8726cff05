using System.Text.Json;

namespace CollectorAgent.Rrd.Formats.Tests;

/// <summary>What a parser of OpenMetrics makes of our text.</summary>
public sealed class OpenMetricsTests
{
    private const string Parser = """
        import json, math, sys
        from prometheus_client.openmetrics.parser import text_string_to_metric_families
        def number(x): return 'NaN' if math.isnan(x) else ('%+d' % math.copysign(1, x)) + 'Inf' if math.isinf(x) else repr(float(x))
        families = [dict(name=f.name, type=f.type, unit=f.unit, help=f.documentation,
            samples=[dict(name=s.name, labels=s.labels, value=number(s.value)) for s in f.samples])
            for f in text_string_to_metric_families(sys.stdin.read())]
        print(json.dumps(families))
        """;

    private static readonly string[] OddUnits =
    [
        "", "%", "°C", "°F", "μs", "(fraction)", "KiB/s", "requests/s", "/s", "1/s", "err/s", "s/s", "MiB",
        "sessions", "_", "ünït", "\"quoted\"", "a\nb", "µs", "µA", "mΩ", "m³", "µs/s", "€/kWh", "‰", "℃",
    ];

    private static readonly string[] OddNames =
    [
        "cpu0", "0", "<a&b\"", "μs", "a/b", "a b", "a_b", "back\\slash", "x_total",
        "x_count", "x_sum", "x_bucket", "x_info", "x_created", "x", "\uD83D\uDE00",
    ];

    private const string PrometheusParser = """
        import json, math, sys
        from prometheus_client.parser import text_string_to_metric_families
        def number(x): return 'NaN' if math.isnan(x) else ('%+d' % math.copysign(1, x)) + 'Inf' if math.isinf(x) else repr(float(x))
        families = [dict(name=f.name, type=f.type, unit='', help=f.documentation,
            samples=[dict(name=s.name, labels=s.labels, value=number(s.value)) for s in f.samples])
            for f in text_string_to_metric_families(sys.stdin.read())]
        print(json.dumps(families))
        """;

    [Theory]
    [InlineData("\u00B5s", "microseconds")]
    [InlineData("\u03BCs", "microseconds")]
    [InlineData("us", "microseconds")]
    [InlineData("ms", "milliseconds")]
    [InlineData("ns", "nanoseconds")]
    [InlineData("\u00B5A", "microamperes")]
    [InlineData("m\u03A9", "milliohms")]
    [InlineData("k\u2126", "kiloohms")]
    [InlineData("m\u00B3", "cubic_meters")]
    [InlineData("m\u00B3/h", "cubic_meters_per_hour")]
    [InlineData("\u00B5s/s", "microseconds_per_second")]
    [InlineData("\u2103", "celsius")]
    [InlineData("\u00B0C", "celsius")]
    [InlineData("\u00B0F", "fahrenheit")]
    [InlineData("dB", "decibels")]
    [InlineData("kB/s", "kilobytes_per_second")]
    [InlineData("GiB", "gibibytes")]
    [InlineData("Gbit/s", "gigabits_per_second")]
    [InlineData("min", "minutes")]
    [InlineData("m", "meters")]
    [InlineData("mW", "milliwatts")]
    [InlineData("MHz", "megahertz")]
    [InlineData("err/s", "errors_per_second")]
    [InlineData("requests/s", "requests_per_second")]
    [InlineData("seconds", "seconds")]
    [InlineData("IOPS", "IOPS")]
    [InlineData("mAh", "mAh")]
    [InlineData("%", "percent")]
    [InlineData("%RH", "")]
    [InlineData("\u00FCn\u00EFt", "")]
    [InlineData("\u20AC/kWh", "")]
    [InlineData("\u20AC/s", "")]
    [InlineData("s\u00B2", "")]
    [InlineData("\u00B5", "")]
    [InlineData("\u65E5", "")]
    [InlineData("", "")]
    public async Task Unit_is_named_whole_or_not_at_all(string unit, string name)
    {
        string text = await Documents.TextAsync(p => new OpenMetricsWriter().WriteAsync([new OpenMetricsSample("host", "h", "x", unit, "", 250)], p, default));

        string family = name.Length > 0 ? "collector_x_" + name : "collector_x";
        Assert.Equal(
            $"# TYPE {family} gauge\n" + (name.Length > 0 ? $"# UNIT {family} {name}\n" : "")
            + $"# HELP {family} Data source x\n{family}{{owner=\"host\",uuid=\"h\",name=\"x\"}} 250\n# EOF\n",
            text);
    }

    [Fact]
    public async Task Text_of_prometheus_escapes_no_quotes_in_its_help()
    {
        OpenMetricsSample sample = new("vm", "v\"1", "tank", "B", "Level of the \"main\"\n\\ tank", 21.5);

        string text = await Documents.TextAsync(p => new OpenMetricsWriter(isOpenMetrics: false).WriteAsync([sample], p, default));

        Assert.Equal(
            "# HELP collector_tank_bytes Level of the \"main\"\\n\\\\ tank\n# TYPE collector_tank_bytes gauge\n"
            + "collector_tank_bytes{owner=\"vm\",uuid=\"v\\\"1\",name=\"tank\"} 21.5\n",
            text);
    }

    [PythonFact]
    public async Task Any_name_with_any_unit_is_parsed_as_text_of_prometheus()
    {
        var samples = (from name in OddNames from unit in OddUnits select new OpenMetricsSample("vm", $"u{unit}", name, unit, $"\"{name}\" in {unit}", -1e-5))
            .ToArray();

        var families = await ParseAsync(samples, isOpenMetrics: false);

        Assert.Equal(samples.Select(m => (m.Owner, m.Uuid, m.Name, "-1e-05")).Order(), families.SelectMany(f => f.Samples).Order());
        Assert.DoesNotContain(families, f => f.Help.Length == 0);
    }

    [PythonFact]
    public async Task Families_have_their_name_type_unit_and_help()
    {
        var families = await ParseAsync(GoldenTests.Metrics);

        Assert.Equal(
            [
                new("collector__a_b_", "gauge", "", "Said \"so\",\nand \\ more"),
                new("collector_cpu0_ratio", "gauge", "ratio", "Share of time that vCPU 0 ran"),
                new("collector_memory_total_kib_kibibytes", "gauge", "kibibytes", "Memory of the host"),
                new("collector_read_latency_abc_microseconds", "gauge", "microseconds", "Read latency"),
            ],
            families.Select(f => new Family(f.Name, f.Type, f.Unit, f.Help)));
        Assert.Equal(
            GoldenTests.Metrics.Where(m => !double.IsNaN(m.Value)).Select(m => (m.Owner, m.Uuid, m.Name, Text(m.Value))).Order(),
            families.SelectMany(f => f.Samples).Order());
    }

    [PythonFact]
    public async Task One_family_holds_all_owners_even_where_they_alternate()
    {
        var samples = Enumerable.Range(0, 60)
            .Select(i => new OpenMetricsSample(i % 3 == 0 ? "sr" : "vm", $"u{i}", i % 2 == 0 ? "a b" : "a_b", "B", i % 4 == 0 ? "" : $"Help {i}", i / 7.0))
            .ToArray();

        var family = Assert.Single(await ParseAsync(samples));

        Assert.Equal("collector_a_b_bytes", family.Name);
        Assert.Equal("Help 1", family.Help);
        Assert.Equal(samples.Select(m => (m.Owner, m.Uuid, m.Name, Text(m.Value))).Order(), family.Samples.Order());
    }

    [PythonFact]
    public async Task Any_name_with_any_unit_is_parsed()
    {
        var samples = (from name in OddNames from unit in OddUnits select new OpenMetricsSample("vm", $"u{unit}", name, unit, $"{name} in {unit}", -1e-5))
            .ToArray();

        var families = await ParseAsync(samples);

        Assert.Equal(
            samples.Select(m => (m.Owner, m.Uuid, m.Name, "-1e-05")).Order(),
            families.SelectMany(f => f.Samples).Order());
    }

    [PythonFact]
    public async Task Nothing_is_a_document_too() => Assert.Empty(await ParseAsync([]));

    private static async Task<List<Parsed>> ParseAsync(OpenMetricsSample[] samples, bool isOpenMetrics = true)
    {
        string text = await Documents.TextAsync(p => new OpenMetricsWriter(isOpenMetrics).WriteAsync(samples, p, default));
        using var answer = JsonDocument.Parse(await Tool.RunAsync(Tool.Python, ["-c", isOpenMetrics ? Parser : PrometheusParser], text));
        return [.. answer.RootElement.EnumerateArray().Select(f => new Parsed(
            f.GetProperty("name").GetString()!,
            f.GetProperty("type").GetString()!,
            f.GetProperty("unit").GetString()!,
            f.GetProperty("help").GetString()!,
            [.. f.GetProperty("samples").EnumerateArray().Select(s => (
                s.GetProperty("labels").GetProperty("owner").GetString()!,
                s.GetProperty("labels").GetProperty("uuid").GetString()!,
                s.GetProperty("labels").GetProperty("name").GetString()!,
                s.GetProperty("value").GetString()!))]))];
    }

    /// <summary>A value as the parser's language prints it.</summary>
    private static string Text(double value) =>
        double.IsInfinity(value) ? value > 0 ? "+1Inf" : "-1Inf"
        : value == 1e15 ? "1000000000000000.0"
        : value == Math.Floor(value) ? value.ToString("F1", System.Globalization.CultureInfo.InvariantCulture)
        : double.Parse(value.ToString("E14", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture)
            .ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Family(string Name, string Type, string Unit, string Help);

    private sealed record Parsed(string Name, string Type, string Unit, string Help, List<(string Owner, string Uuid, string Name, string Value)> Samples);
}
