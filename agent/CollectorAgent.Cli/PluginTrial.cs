using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>Watches one plugin under an agent of its own.</summary>
internal sealed class PluginTrial(PluginManifest manifest, TrialAgent agent, TextWriter progress, TimeProvider time)
{
    /// <summary>Where nobody says how long, a plugin without a sample is watched for so long.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The same of a program whose runs take long.</summary>
    public static readonly TimeSpan PatienceWithSlow = TimeSpan.FromSeconds(150);

    // What the plugin host says of a program that prints values, see LinePlugin.cs and LineProgram.cs.
    private const string SaysSlow = " takes longer than ";
    private const string SaysCut = " ended by itself after its sample was taken";
    private const string SaysKilled = " gave no block within a minute";

    private const int EnoughSamples = 2;

    // Of the agent, in a time in which they should have been.
    private const int LeastTicks = 4;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    // So often it may end before its first sample.
    private const int EnoughEnds = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly HashSet<string> _pageTroubles = [];
    private readonly long _started = time.GetTimestamp();
    private long _ticks;

    /// <summary>How long it was watched.</summary>
    public TimeSpan Watched { get; private set; }

    /// <summary>Until its first sample; null where there was none.</summary>
    public TimeSpan? FirstSample { get; private set; }

    /// <summary>As it was at last.</summary>
    public ProcessEntry? Process { get; private set; }

    /// <summary>Its pages, and any other that came.</summary>
    public IReadOnlyList<PluginEntry> Pages { get; private set; } = [];

    public IReadOnlyList<DataSourceEntry> Sources { get; private set; } = [];

    /// <summary>The newest known values.</summary>
    public IReadOnlyDictionary<(string Kind, string Uuid, string Name), double> Values { get; private set; } =
        new Dictionary<(string, string, string), double>();

    /// <summary>Why it ended the last time; empty where it did not.</summary>
    public string End { get; private set; } = "";

    /// <summary>What was wrong with its pages at any time.</summary>
    public IReadOnlyCollection<string> PageTroubles => _pageTroubles;

    /// <summary>What it printed, with whether that was on standard error.</summary>
    public IReadOnlyList<(bool IsError, string Text)> Printed { get; private set; } = [];

    /// <summary>Pages that the agent did not take, each with the reason.</summary>
    public IReadOnlyList<string> Unusable { get; private set; } = [];

    /// <summary>The plugin host waits longer for its samples than for those of others.</summary>
    public bool IsSlow => Says(SaysSlow);

    public long Samples => Own.Sum(p => p.Counts?.GetValueOrDefault("ok") ?? 0);

    private IEnumerable<PluginEntry> Own => Pages.Where(p => manifest.Pages.Contains(p.Uid));

    /// <param name="wanted">How long; null: until it is clear how it does.</param>
    public async Task WatchAsync(TimeSpan? wanted, CancellationToken cancellationToken)
    {
        do
        {
            await Task.Delay(Pause, time, cancellationToken);
            var status = await agent.StatusAsync(cancellationToken);
            Note(status);
            // On a host that is busy an agent misses ticks: that is not the plugin's fault.
            _ticks = Watched < Longest ? status.Ticks : LeastTicks;
            Watched = time.GetElapsedTime(_started);
        }
        while (!IsHopeless && (wanted is { } span ? Watched < span : (Watched < (IsSlow ? PatienceWithSlow : Patience) || _ticks < LeastTicks) && !IsClear));
        Sources = [.. (await agent.Connection.GetJsonAsync("data_sources", AgentJson.Default.IReadOnlyListDataSourceEntry, cancellationToken))
            .Where(s => !PluginUid.IsOfAgent(s.Plugin ?? ""))];
        Values = await ValuesAsync(cancellationToken);
        string says = $"Plugin {manifest.Name}: ";
        Printed = [.. agent.Log.Where(l => l.Id == AgentLogLine.PluginSays && l.Text.StartsWith(says, StringComparison.Ordinal))
            .Select(l => (l.IsWarning, l.Text[says.Length..]))];
        Unusable = [.. agent.Log.Where(l => l.Id == AgentLogLine.PageUnusable).Select(l => l.Text)];
    }

    /// <summary>Whether watching longer would show nothing else.</summary>
    private bool IsHopeless => Process?.State is "wrong" or "given-up" or "unavailable" or "ended" || (Samples == 0 && (Process?.Restarts >= EnoughEnds || Says(SaysKilled)));

    /// <summary>Whether a sentence of the plugin host only tells of runs that take long, as they may.</summary>
    public bool IsOnlySlow(string sentence) =>
        Samples > 0 && (sentence.Contains(SaysSlow, StringComparison.Ordinal) || (Samples >= EnoughSamples && sentence.Contains(SaysCut, StringComparison.Ordinal)));

    private bool Says(string what) => agent.Log.Any(l => l.Id == AgentLogLine.PluginSays && l.Text.Contains(what, StringComparison.Ordinal));

    private bool IsClear => Own.Any() && Own.All(p => p.Counts?.GetValueOrDefault("ok") >= EnoughSamples);

    private void Note(AgentStatus status)
    {
        var process = status.Processes is [var first, ..] ? first : null;
        if (process?.Pid is { } pid && Process?.Pid != pid)
        {
            Say($"it runs as process {pid}");
        }
        // A look may miss the moment between two runs: then the next one says why it was started again.
        bool hasEnded = process is not null
            && (process.State != "running" || process.Restarts > 0)
            && !string.IsNullOrEmpty(process.Reason);
        if (hasEnded && (process!.Reason != End || process.Restarts != Process?.Restarts))
        {
            End = process.Reason!;
            Say(End);
        }
        Process = process;
        Pages = [.. (status.Plugins ?? []).Where(p => !PluginUid.IsOfAgent(p.Uid ?? ""))];
        foreach (var page in Pages.Where(p => p.Status is not (null or "Ok" or "Unchanged")))
        {
            string detail = string.IsNullOrEmpty(page.Detail) ? "" : $", {page.Detail}";
            _pageTroubles.Add($"{page.Uid}: {page.Status}{detail}");
        }
        if (FirstSample is null && Samples > 0)
        {
            FirstSample = time.GetElapsedTime(_started);
            Say("the agent has its first sample");
        }
    }

    private void Say(string what) => progress.WriteLine(
        FormattableString.Invariant($"collectorctl: after {time.GetElapsedTime(_started).TotalSeconds:0.0} s: ") + Printable.Of(what));

    private async Task<IReadOnlyDictionary<(string, string, string), double>> ValuesAsync(CancellationToken cancellationToken)
    {
        var rows = await Rows.GetAsync(agent.Connection, new RowsQuery(-(long)Patience.TotalSeconds, 0, Rrd.ConsolidationFunction.Average), cancellationToken);
        var values = new Dictionary<(string, string, string), double>();
        foreach (var (index, column) in rows.Columns.Index())
        {
            values[(column.Kind, column.Uuid, column.Name)] = rows.Items.Select(r => r.Values[index]).LastOrDefault(v => !double.IsNaN(v), double.NaN);
        }
        return values;
    }
}
