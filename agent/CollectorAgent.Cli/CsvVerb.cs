using System.CommandLine;
using System.Globalization;

namespace CollectorAgent.Cli;

/// <summary>Rows as comma-separated values, for programs and spreadsheets.</summary>
internal sealed class CsvVerb : Verb
{
    private readonly Argument<Selector[]> _selectors = new("SELECTOR")
    {
        Description = "CF:owner:uuid:metric, any part of which may be empty, or only the beginning of a metric's name; several add up. Default: everything.",
        Arity = ArgumentArity.ZeroOrMore,
        CustomParser = result =>
        {
            foreach (var token in result.Tokens.Where(t => Selector.Parse(t.Value) is null))
            {
                result.AddError($"'{token.Value}' is no selector such as AVERAGE:host::cpu, ::UUID: or cpu.");
            }
            return [.. result.Tokens.Select(t => Selector.Parse(t.Value)).OfType<Selector>()];
        },
    };

    private readonly Option<long> _start = RowOptions.Start();
    private readonly Option<long> _interval = RowOptions.Interval();
    private readonly Option<bool> _follow = new("--follow", "-f") { Description = "Go on with each new row until interrupted." };

    public CsvVerb()
        : base(
            "csv",
            "Writes rows as comma-separated values, oldest first, a column for each data source and function.",
            "collectorctl csv AVERAGE:host::cpu memory --follow")
    {
        Add(_selectors);
        Add(_start);
        Add(_interval);
        Add(_follow);
    }

    protected override bool GoesOn(ParseResult arguments) => arguments.GetValue(_follow);

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        var selectors = arguments.GetValue(_selectors) ?? [];
        long start = arguments.GetValue(_start);
        long interval = arguments.GetValue(_interval);
        var rows = await Rows.GetAsync(session.Agent, new RowsQuery(start, interval), cancellationToken);
        Column[] columns = [.. rows.Columns.Where(c => Selects(selectors, c))];
        if (columns.Length == 0)
        {
            throw Missing(selectors, rows);
        }
        await using var text = session.OpenText();
        await text.WriteLineAsync(CsvText.Heading(columns));
        await WriteAsync(text, rows, columns);
        if (!arguments.GetValue(_follow))
        {
            return;
        }
        long step = rows.StepSeconds;
        long last = Math.Max(rows.End, start - 1);
        var seen = rows.Columns.ToHashSet();
        while (true)
        {
            await Readings.WaitAsync(session, step, cancellationToken);
            rows = await Rows.GetAsync(session.Agent, new RowsQuery(last + 1, interval), cancellationToken);
            if (rows.Items.Count > 0 && rows.StepSeconds != step)
            {
                // Nobody read for longer than the agent keeps such rows.
                rows = await Rows.GetAsync(session.Agent, new RowsQuery(RowsQuery.Newest, interval), cancellationToken);
                await session.Errors.WriteLineAsync(
                    $"collectorctl: the rows after {ValueText.Time(last)} are no longer kept "
                    + $"every {step.ToString(CultureInfo.InvariantCulture)} s; going on with the newest.");
            }
            await WarnOfNewAsync(session.Errors, selectors, seen, rows);
            await WriteAsync(text, rows with { Items = [.. rows.Items.Where(r => r.Time > last)] }, columns);
            last = Math.Max(last, rows.Items.Count > 0 ? rows.Items[^1].Time : last);
        }
    }

    private static bool Selects(Selector[] selectors, Column column) => selectors.Length == 0 || selectors.Any(s => s.Selects(column));

    /// <summary>Writes the columns of the heading, whatever else the agent has by now.</summary>
    private static async Task WriteAsync(StreamWriter text, Rows rows, Column[] columns)
    {
        var indices = rows.Columns.Index().ToDictionary(c => c.Item, c => c.Index);
        int[] chosen = [.. columns.Select(c => indices.GetValueOrDefault(c, -1))];
        foreach (var row in rows.Items)
        {
            await text.WriteLineAsync(CsvText.Line(row.Time, chosen.Select(c => c < 0 ? double.NaN : row.Values[c])));
        }
        await text.FlushAsync();
    }

    private static async Task WarnOfNewAsync(TextWriter errors, Selector[] selectors, HashSet<Column> seen, Rows rows)
    {
        foreach (var column in rows.Columns.Where(c => seen.Add(c) && Selects(selectors, c)))
        {
            await errors.WriteLineAsync($"collectorctl: {Printable.Of(column.ToString())} is new and has no column; start anew to have it.");
        }
    }

    private static CliException Missing(Selector[] selectors, Rows rows) => new(
        ExitCode.NotFound,
        rows.Columns.Count == 0 ? "The agent has no rows of this spacing. 'collectorctl plugins' shows who reports to it."
        : selectors.Length == 1 ? $"No data source fits '{selectors[0]}'. {NearNames.Hint(selectors[0].Name, rows.Columns.Select(c => c.Name))}"
        : "No data source fits any of the selectors. 'collectorctl top --count 1' lists what there is.");
}
