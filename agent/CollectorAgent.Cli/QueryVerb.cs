using System.CommandLine;
using System.Text.Json;
using CollectorAgent.Rrd;
using CollectorAgent.Rrd.Formats;

namespace CollectorAgent.Cli;

/// <summary>The history of one name.</summary>
internal sealed class QueryVerb : Verb
{
    private readonly Argument<string> _name = new("NAME") { Description = "The data source." };
    private readonly Option<Protocol.Owner?> _owner = RowOptions.Owner();
    private readonly Option<long> _start = RowOptions.Start();
    private readonly Option<long> _interval = RowOptions.Interval();
    private readonly Option<ConsolidationFunction> _function = RowOptions.Function();
    private readonly Option<bool> _json = RowOptions.Json("One JSON document; null is unknown.");

    public QueryVerb()
        : base(
            "query",
            "Prints the history of a data source, oldest row first, a column for each owner that has it.",
            "collectorctl query cpu_avg --owner host --start -3600 --interval 60")
    {
        Add(_name);
        Add(_owner);
        Add(_start);
        Add(_interval);
        Add(_function);
        Add(_json);
    }

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        string name = arguments.GetRequiredValue(_name);
        var query = new RowsQuery(
            arguments.GetValue(_start),
            arguments.GetValue(_interval),
            arguments.GetValue(_function),
            arguments.GetValue(_owner));
        var rows = await Rows.GetAsync(session.Agent, query, cancellationToken);
        int[] columns = [.. rows.Columns.Index().Where(c => c.Item.Name == name).Select(c => c.Index)];
        if (columns.Length == 0)
        {
            throw await MissingAsync(session.Agent, name, query, cancellationToken);
        }
        if (arguments.GetValue(_json))
        {
            await WriteJsonAsync(session.Output, name, rows, columns, cancellationToken);
            return;
        }
        var units = await DataSourceEntry.UnitsAsync(session.Agent, cancellationToken);
        await using var text = session.OpenText();
        foreach (string line in Lines(rows, columns, units))
        {
            await text.WriteLineAsync(line);
        }
    }

    private static IEnumerable<string> Lines(Rows rows, int[] columns, IReadOnlyDictionary<(string, string, string), string> units)
    {
        var labels = new OwnerLabels(columns.Select(c => rows.Columns[c]));
        var table = new TextTable(["TIME", .. columns.Select(c => ">" + Printable.Of(Heading(rows.Columns[c])))]);
        foreach (var row in rows.Items)
        {
            table.Add([ValueText.Time(row.Time), .. columns.Select(c => ValueText.Exact(row.Values[c]))]);
        }
        return table.Lines();

        string Heading(Column column) =>
            units.TryGetValue((column.Kind, column.Uuid, column.Name), out string? unit) && unit.Length > 0 ? $"{labels[column]}, {unit}" : labels[column];
    }

    private static async Task WriteJsonAsync(Stream output, string name, Rows rows, int[] columns, CancellationToken cancellationToken)
    {
        await using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("step", rows.StepSeconds);
            json.WriteStartArray("columns");
            foreach (var column in columns.Select(c => rows.Columns[c]))
            {
                json.WriteStartObject();
                json.WriteString("cf", column.Function.Name());
                json.WriteString("owner", column.Kind);
                json.WriteString("uuid", column.Uuid);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("rows");
            foreach (var row in rows.Items)
            {
                json.WriteStartObject();
                json.WriteNumber("t", row.Time);
                json.WriteStartArray("values");
                foreach (int column in columns)
                {
                    WriteValue(json, row.Values[column]);
                }
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        await output.WriteAsync("\n"u8.ToArray(), cancellationToken);
    }

    // JSON has no word for the infinite: it is text.
    private static void WriteValue(Utf8JsonWriter json, double value)
    {
        if (double.IsNaN(value))
        {
            json.WriteNullValue();
        }
        else if (double.IsInfinity(value))
        {
            json.WriteStringValue(value > 0 ? "Infinity" : "-Infinity");
        }
        else
        {
            json.WriteNumberValue(value);
        }
    }

    /// <summary>Why there is no column: another function, another owner, or another name.</summary>
    private static async Task<CliException> MissingAsync(AgentConnection agent, string name, RowsQuery query, CancellationToken cancellationToken)
    {
        var all = await Rows.GetAsync(agent, new RowsQuery(RowsQuery.Newest), cancellationToken);
        var same = all.Columns.Where(c => c.Name == name).ToList();
        if (same.Count == 0)
        {
            return new CliException(ExitCode.NotFound, $"There is no data source '{name}'. {NearNames.Hint(name, all.Columns.Select(c => c.Name))}");
        }
        var labels = new OwnerLabels(same);
        string holders = string.Join(", ", same.Select(c => labels[c]).Distinct());
        string wanted = query.Owner is { } owner ? $" of {owner}" : "";
        return new CliException(
            ExitCode.NotFound,
            $"There is no {query.Function?.Name()} of '{name}'{wanted} at this spacing of rows. "
            + $"The agent has it of {holders}; try another --cf, --interval or --owner.");
    }
}
