using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Writes the newest values as OpenMetrics 1.0 text. See docs/formats/openmetrics.md.</summary>
public static class OpenMetricsWriter
{
    public const string ContentType = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    private const string Prefix = "collector_";

    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["B"] = "bytes",
        ["B/s"] = "bytes_per_second",
        ["KiB"] = "kibibytes",
        ["KiB/s"] = "kibibytes_per_second",
        ["MiB"] = "mebibytes",
        ["MiB/s"] = "mebibytes_per_second",
        ["(fraction)"] = "ratio",
        ["s"] = "seconds",
        ["s/s"] = "seconds_per_second",
        ["ms"] = "milliseconds",
        ["μs"] = "microseconds",
        ["W"] = "watts",
        ["mW"] = "milliwatts",
        ["°C"] = "celsius",
        ["MHz"] = "megahertz",
        ["err/s"] = "errors_per_second",
    };

    /// <summary>Writes all samples, family by family, up to the mark of the end.</summary>
    /// <param name="pipe">Flushed, not completed.</param>
    /// <exception cref="OperationCanceledException">The reader of the pipe is gone.</exception>
    public static async Task WriteAsync(IEnumerable<OpenMetricsSample> samples, PipeWriter pipe, CancellationToken cancellationToken)
    {
        var output = new Utf8Output(pipe);
        // Owners have data sources of the same names.
        var names = new Dictionary<(string Name, string Units), string>();
        var families = samples.GroupBy(FamilyOf).OrderBy(f => f.Key, StringComparer.Ordinal);
        foreach (var family in families)
        {
            WriteHead(output, family);
            foreach (var sample in family)
            {
                WriteSample(output, family.Key, sample);
                await output.FlushPortionAsync(cancellationToken);
            }
        }
        output.Raw("# EOF\n"u8);
        await output.FlushAsync(cancellationToken);

        string FamilyOf(OpenMetricsSample sample)
        {
            ref string? family = ref CollectionsMarshal.GetValueRefOrAddDefault(names, (sample.Name, sample.Units), out _);
            return family ??= FamilyName(sample.Name, UnitName(sample.Units));
        }
    }

    /// <summary>What a family is, in the words of the first member that has any: not every owner's plugin is there to tell.</summary>
    private static void WriteHead(Utf8Output output, IGrouping<string, OpenMetricsSample> family)
    {
        output.Text($"# TYPE {family.Key} gauge\n");
        if (family.Select(s => UnitName(s.Units)).FirstOrDefault(u => u.Length > 0) is { } unit)
        {
            output.Text($"# UNIT {family.Key} {unit}\n");
        }
        if (family.Select(s => s.Description).FirstOrDefault(d => d.Length > 0) is { } description)
        {
            output.Text($"# HELP {family.Key} {Escaped(description)}\n");
        }
    }

    private static void WriteSample(Utf8Output output, string family, OpenMetricsSample sample)
    {
        output.Text(family);
        output.Raw("{owner=\""u8);
        output.Text(sample.Owner);
        output.Raw("\",uuid=\""u8);
        output.Text(Escaped(sample.Uuid));
        output.Raw("\",name=\""u8);
        output.Text(Escaped(sample.Name));
        output.Raw("\"} "u8);
        if (double.IsInfinity(sample.Value))
        {
            output.Raw(sample.Value > 0 ? "+Inf"u8 : "-Inf"u8);
        }
        else
        {
            output.Number(sample.Value);
        }
        output.Raw("\n"u8);
    }

    /// <summary>The family a data source belongs to: its name, and its unit at the end, as the format asks for.</summary>
    private static string FamilyName(string name, string unit)
    {
        string family = Prefix + Identifier(name);
        return unit.Length == 0 || family.EndsWith("_" + unit, StringComparison.Ordinal) ? family : $"{family}_{unit}";
    }

    private static string UnitName(string units) =>
        Units.TryGetValue(units, out string? name) ? name
        : units.EndsWith("/s", StringComparison.Ordinal) ? Identifier(units[..^2]).Trim('_') + "_per_second"
        : Identifier(units).Trim('_');

    private static string Identifier(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    private static string Escaped(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Utf8Output.Plain))
        {
            return text;
        }
        var escaped = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            _ = c switch
            {
                '\\' => escaped.Append("\\\\"),
                '"' => escaped.Append("\\\""),
                '\n' => escaped.Append("\\n"),
                _ => escaped.Append(char.IsControl(c) ? ' ' : c),
            };
        }
        return escaped.ToString();
    }
}
