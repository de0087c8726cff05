using System.CommandLine;
using CollectorAgent.Rrd;

namespace CollectorAgent.Cli;

/// <summary>The newest values, again and again.</summary>
internal sealed class TopVerb : Verb
{
    private const long WindowSeconds = 120;

    private readonly Argument<string?> _filter = new("FILTER")
    {
        Description = "Only names that contain this, in any case.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<Protocol.Owner?> _owner = RowOptions.Owner();

    private readonly Option<long> _count = new("--count")
    {
        Description = "End after so many refreshes. Default: go on until interrupted.",
        HelpName = "N",
        CustomParser = result => RowOptions.Whole(result, 1, int.MaxValue),
    };

    public TopVerb()
        : base("top", "Shows the newest values and the last two minutes of each, with every tick of the agent.", "collectorctl top memory --owner host")
    {
        Add(_filter);
        Add(_owner);
        Add(_count);
    }

    protected override bool GoesOn(ParseResult arguments) => true;

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        string filter = arguments.GetValue(_filter) ?? "";
        var owner = arguments.GetValue(_owner);
        long count = arguments.GetValue(_count);
        await using var text = session.OpenText();
        var screen = Screen.Of(text);
        IReadOnlyList<Column> known = [];
        IReadOnlyDictionary<(string, string, string), string> units = new Dictionary<(string, string, string), string>();
        IReadOnlySet<Column> gone = new HashSet<Column>();
        for (long shown = 1; ; shown++)
        {
            var rows = await Rows.GetAsync(session.Agent, new RowsQuery(-WindowSeconds, 0, ConsolidationFunction.Average, owner), cancellationToken);
            if (!known.SequenceEqual(rows.Columns))
            {
                units = await DataSourceEntry.UnitsAsync(session.Agent, cancellationToken);
                known = rows.Columns;
                gone = await GoneAsync(session, owner, cancellationToken);
            }
            var view = new TopView(rows, filter, units, gone);
            if (view.IsEmpty && shown == 1)
            {
                throw new CliException(ExitCode.NotFound, Missing(filter, owner, rows));
            }
            await screen.ShowAsync([.. view.Lines()]);
            if (shown == count)
            {
                return;
            }
            await Readings.WaitAsync(session, rows.StepSeconds, cancellationToken);
        }
    }

    /// <summary>What has been unknown for an hour.</summary>
    private static async Task<IReadOnlySet<Column>> GoneAsync(Session session, Protocol.Owner? owner, CancellationToken cancellationToken)
    {
        const int Hour = 3600;
        const int Minute = 60;
        var rows = await Rows.GetAsync(session.Agent, new RowsQuery(-Hour, Minute, ConsolidationFunction.Average, owner), cancellationToken);
        return rows.Columns.Index().Where(c => rows.Items.Count > 0 && rows.Items.All(r => double.IsNaN(r.Values[c.Index]))).Select(c => c.Item).ToHashSet();
    }

    private static string Missing(string filter, Protocol.Owner? owner, Rows rows) =>
        rows.Columns.Count > 0 ? $"No data source has '{filter}' in its name. {NearNames.Hint(filter, rows.Columns.Select(c => c.Name))}"
        : owner is null ? "The agent records nothing yet. 'collectorctl plugins' shows who reports to it."
        : $"The agent records nothing of {owner}. 'collectorctl status' lists the owners.";
}
