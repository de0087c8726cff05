using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text;

namespace CollectorAgent.Rrd.Formats;

/// <summary>Writes the newest values as OpenMetrics 1.0 text, or as the text of Prometheus 0.0.4. See docs/formats/openmetrics.md.</summary>
/// <param name="isOpenMetrics">Which of the two.</param>
public sealed class OpenMetricsWriter(bool isOpenMetrics = true)
{
    private const string Prefix = "collector_";

    public string ContentType => isOpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes all samples that are known, family by family, up to the mark of the end, where the format has one.</summary>
    /// <param name="pipe">Flushed, not completed.</param>
    /// <exception cref="OperationCanceledException">The reader of the pipe is gone.</exception>
    public async Task WriteAsync(IEnumerable<OpenMetricsSample> samples, PipeWriter pipe, CancellationToken cancellationToken)
    {
        var output = new Utf8Output(pipe);
        // Owners have data sources of the same names.
        var names = new Dictionary<(string Name, string Units), string>();
        var families = samples.Where(s => !double.IsNaN(s.Value)).GroupBy(FamilyOf).OrderBy(f => f.Key, StringComparer.Ordinal);
        foreach (var family in families)
        {
            WriteHead(output, family);
            foreach (var sample in family)
            {
                WriteSample(output, family.Key, sample);
                await output.FlushPortionAsync(cancellationToken);
            }
        }
        output.Raw(isOpenMetrics ? "# EOF\n"u8 : ""u8);
        await output.FlushAsync(cancellationToken);

        string FamilyOf(OpenMetricsSample sample)
        {
            ref string? family = ref CollectionsMarshal.GetValueRefOrAddDefault(names, (sample.Name, sample.Units), out _);
            return family ??= FamilyName(sample.Name, UnitNames.Of(sample.Units));
        }
    }

    /// <summary>What a family is, in the words of the first member that has any: not every owner's plugin is there to tell, and some tell
    /// nothing.</summary>
    private void WriteHead(Utf8Output output, IGrouping<string, OpenMetricsSample> family)
    {
        string description = family.Select(s => s.Description).FirstOrDefault(d => d.Length > 0) ?? "Data source " + family.First().Name;
        if (isOpenMetrics)
        {
            output.Text($"# TYPE {family.Key} gauge\n");
            if (family.Select(s => UnitNames.Of(s.Units)).FirstOrDefault(u => u.Length > 0) is { } unit)
            {
                output.Text($"# UNIT {family.Key} {unit}\n");
            }
            output.Text($"# HELP {family.Key} {Escaped(description)}\n");
        }
        else
        {
            output.Text($"# HELP {family.Key} {Escaped(description, escapesQuotes: false)}\n# TYPE {family.Key} gauge\n");
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

    private static string Identifier(string text) => string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));

    /// <param name="escapesQuotes">As all texts but the help of Prometheus: its parsers refuse an escape that they do not know.</param>
    private static string Escaped(string text, bool escapesQuotes = true)
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
                '"' => escaped.Append(escapesQuotes ? "\\\"" : "\""),
                '\n' => escaped.Append("\\n"),
                _ => escaped.Append(char.IsControl(c) ? ' ' : c),
            };
        }
        return escaped.ToString();
    }
}
