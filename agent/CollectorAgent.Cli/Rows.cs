using System.Globalization;
using System.Text.Json;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Cli;

/// <summary>What one column of <see cref="Rows"/> is.</summary>
/// <param name="Kind"><c>host</c>, <c>vm</c> or <c>sr</c>.</param>
internal sealed record Column(ConsolidationFunction Function, string Kind, string Uuid, string Name)
{
    /// <summary>The entry of a legend: function, kind, uuid and name, between colons.</summary>
    public override string ToString() => $"{Function.Name()}:{Kind}:{Uuid}:{Name}";

    public static Column Parse(string entry)
    {
        string[] parts = entry.Split(':', 4);
        return parts.Length == 4 && FunctionNames.ParseFunction(parts[0]) is { } function
            ? new Column(function, parts[1], parts[2], parts[3])
            : throw new FormatException($"'{Printable.Of(entry)}' is no entry of a legend");
    }
}

/// <summary>The values of all columns at one time, in Unix seconds; NaN is unknown.</summary>
internal sealed record Row(long Time, double[] Values);

/// <summary>An answer of <c>/rrd_updates</c>.</summary>
/// <param name="StepSeconds">Spacing of rows.</param>
/// <param name="End">Time of the newest row that the agent has.</param>
/// <param name="Items">Oldest first.</param>
internal sealed record Rows(long StepSeconds, long End, IReadOnlyList<Column> Columns, IReadOnlyList<Row> Items)
{
    /// <summary>Asks an agent for rows.</summary>
    /// <exception cref="CliException">It cannot be reached, refuses, or answers something else.</exception>
    public static async Task<Rows> GetAsync(AgentConnection agent, RowsQuery query, CancellationToken cancellationToken)
    {
        string path = query.Path;
        await using var answer = await agent.GetAsync(path, "application/json", AgentConnection.MaxDocumentBytes, cancellationToken);
        return await ReadAsync(agent, path, answer, cancellationToken);
    }

    /// <param name="path">What was asked for.</param>
    /// <exception cref="CliException">It is something else.</exception>
    internal static async Task<Rows> ReadAsync(AgentConnection agent, string path, Stream answer, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(answer, cancellationToken: cancellationToken);
            return Parse(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw agent.NotUnderstood(path, e);
        }
    }

    private static Rows Parse(JsonElement document)
    {
        var meta = document.GetProperty("meta");
        Column[] columns = [.. meta.GetProperty("legend").EnumerateArray().Select(e => Column.Parse(e.GetString() ?? ""))];
        // For a while, agents put the rows beside the legend.
        var data = document.TryGetProperty("data", out var rows) ? rows : meta.GetProperty("data");
        var items = data.EnumerateArray().Select(r => ParseRow(r, columns.Length)).ToList();
        items.Reverse();
        for (int i = 1; i < items.Count; i++)
        {
            if (items[i].Time <= items[i - 1].Time)
            {
                throw new FormatException("its rows are not newest first");
            }
        }
        return new Rows(Whole(meta.GetProperty("step")), Whole(meta.GetProperty("end")), columns, items);
    }

    private static Row ParseRow(JsonElement row, int columns)
    {
        double[] values = [.. row.GetProperty("values").EnumerateArray().Select(Number)];
        return values.Length == columns
            ? new Row(Whole(row.GetProperty("t")), values)
            : throw new FormatException("a row has another number of values than the legend");
    }

    // Numbers are strings, or bare in older agents.
    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static double Number(JsonElement value) =>
        NumberFormat.TryParse(Text(value), out double number) ? number : throw new FormatException("a value is no number");

    private static long Whole(JsonElement value) =>
        long.TryParse(Text(value), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) && number is >= -MaxTime and <= MaxTime
            ? number
            : throw new FormatException("a time is no whole number");

    /// <summary>The end of the year 9999: every time up to here has a date.</summary>
    public const long MaxTime = 253402300799;
}
