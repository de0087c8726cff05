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
        "sessions", "_", "ünït", "\"quoted\"", "a\nb",
    ];

    private static readonly string[] OddNames =
    [
        "cpu0", "0", "<a&b\"", "μs", "a/b", "a b", "a_b", "back\\slash", "x_total",
        "x_count", "x_sum", "x_bucket", "x_info", "x_created", "x", "\uD83D\uDE00",
    ];

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
            GoldenTests.Metrics.Select(m => (m.Owner, m.Uuid, m.Name, Text(m.Value))).Order(),
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

    private static async Task<List<Parsed>> ParseAsync(OpenMetricsSample[] samples)
    {
        string text = await Documents.TextAsync(p => OpenMetricsWriter.WriteAsync(samples, p, default));
        using var answer = JsonDocument.Parse(await Tool.RunAsync(Tool.Python, ["-c", Parser], text));
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
        double.IsNaN(value) ? "NaN" : double.IsInfinity(value) ? value > 0 ? "+1Inf" : "-1Inf"
        : value == 1e15 ? "1000000000000000.0"
        : value == Math.Floor(value) ? value.ToString("F1", System.Globalization.CultureInfo.InvariantCulture)
        : double.Parse(value.ToString("E14", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture)
            .ToString("R", System.Globalization.CultureInfo.InvariantCulture);

    private sealed record Family(string Name, string Type, string Unit, string Help);

    private sealed record Parsed(string Name, string Type, string Unit, string Help, List<(string Owner, string Uuid, string Name, string Value)> Samples);
}
