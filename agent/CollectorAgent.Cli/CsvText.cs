namespace CollectorAgent.Cli;

/// <summary>Lines of comma-separated values.</summary>
internal static class CsvText
{
    private const string Separator = ", ";

    public static string Heading(IEnumerable<Column> columns) =>
        string.Join(Separator, columns.Select(c => Quoted(c.ToString())).Prepend("timestamp"));

    public static string Line(long time, IEnumerable<double> values) =>
        string.Join(Separator, values.Select(v => double.IsNaN(v) ? "N/A" : ValueText.Exact(v)).Prepend(ValueText.Time(time)));

    /// <summary>In quotation marks, doubled inside, where it would otherwise be taken for more than one value.</summary>
    public static string Quoted(string text) =>
        text.AsSpan().IndexOfAny("\",\n\r") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
