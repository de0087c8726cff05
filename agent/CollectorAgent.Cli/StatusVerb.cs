using System.CommandLine;
using System.Globalization;

namespace CollectorAgent.Cli;

/// <summary>How the agent is doing.</summary>
internal sealed class StatusVerb : Verb
{
    private const int GoneAfterSeconds = 3600;
    private const int MostNamed = 5;

    private readonly Option<bool> _json = RowOptions.Json("The document of the agent, as it is.");

    public StatusVerb()
        : base("status", "Shows how the agent is doing: its ticks, and the owners it keeps RRDs of.", "collectorctl status --json | jq .missed_ticks") =>
        Add(_json);

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        await using var answer = await session.Agent.GetAsync(
            AgentStatus.Path, "application/json", AgentConnection.MaxDocumentBytes, cancellationToken);
        if (arguments.GetValue(_json))
        {
            await answer.CopyToAsync(session.Output, cancellationToken);
            await session.Output.WriteAsync("\n"u8.ToArray(), cancellationToken);
            return;
        }
        var status = await StatusReader.ReadAsync(session.Agent, answer, cancellationToken);
        await using var text = session.OpenText();
        foreach (string line in Lines(status, answer.Date ?? session.Time.GetUtcNow(), session.Agent.Place))
        {
            await text.WriteLineAsync(line);
        }
    }

    internal static IEnumerable<string> Lines(AgentStatus status, DateTimeOffset now, string place)
    {
        var owners = status.Owners ?? [];
        var plugins = status.Plugins ?? [];
        yield return Printable.Of($"agent    {status.Version} on host {status.HostUuid}, up {ValueText.Span(status.UptimeSeconds)}, at {place}");
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"ticks    {status.Ticks}, {status.MissedTicks} missed, {status.ClockJumps} clock jumps; the last took {status.LastTickMs:0.###} ms{Next(status)}");
        if (status.TickSince is { } since)
        {
            yield return $"ticking  since {ValueText.Span(now.ToUnixTimeMilliseconds() / 1000.0 - since)}";
        }
        if (status.WaitingPages > 0 || status.WaitingOwners > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"waiting  {Count(status.WaitingPages, "page")} and {Count(status.WaitingOwners, "owner")} of other pages: too much has changed for one tick; their values are late");
        }
        yield return status.LastStep is > 0 and <= Rows.MaxTime ? $"recorded up to {ValueText.Time(status.LastStep)}{Ahead(status)}" : "recorded nothing yet";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"plugins  {plugins.Count}, {plugins.Count(p => p.State == "live")} live; {owners.Sum(o => (long)o.DataSources)} data sources recorded");
        foreach (string trouble in Troubles(status))
        {
            yield return trouble;
        }
        foreach (var transfer in status.FailedTransfers ?? [])
        {
            yield return Printable.Of($"not sent {transfer.Uuid} to {transfer.To}, {StatusReader.Age(now, transfer.At)}: {transfer.Reason}");
        }
        yield return "";
        var table = new TextTable("OWNER", ">DATA SOURCES", ">LAST UPDATE");
        // What has not been heard of for an hour by then is gone, as far as this is a look at what goes on.
        var present = owners.Where(o => o.LastUpdated > status.LastStep - GoneAfterSeconds).ToList();
        foreach (var owner in present)
        {
            table.Add(
                $"{owner.Kind} {owner.Uuid}", owner.DataSources.ToString(CultureInfo.InvariantCulture), StatusReader.Age(now, owner.LastUpdated));
        }
        foreach (string line in table.Lines())
        {
            yield return line;
        }
        if (owners.Count > present.Count)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture, $"{owners.Count - present.Count} more have had no sample for an hour; --json lists them");
        }
    }

    /// <summary>What somebody has to look after.</summary>
    private static IEnumerable<string> Troubles(AgentStatus status)
    {
        var wrong = (status.Processes ?? []).Where(p => p.State is "wrong" or "given-up").Select(p => p.Name).ToList();
        if (wrong.Count > 0)
        {
            yield return Printable.Of($"wrong    {string.Join(", ", wrong.Take(MostNamed))}{(wrong.Count > MostNamed ? " and more" : "")}: see 'collectorctl plugins'");
        }
        if (status.Store is { } store && (store.InMemory > 0 || store.Failed > 0))
        {
            yield return $"disk     {Count(Math.Max(store.InMemory, store.Failed), "owner")} not on disk, and lost if the host fails: see the log";
        }
        foreach (var task in (status.Tasks ?? []).Where(t => t.State == "waiting"))
        {
            yield return Printable.Of($"failed   {task.Name}, tried again: {task.Reason}");
        }
        if (status.LostLogLines > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"log      {status.LostLogLines} lines were lost: they were not read, or could not be written");
        }
    }

    private static string Next(AgentStatus status) =>
        status.NextReadingSeconds is { } next ? string.Create(CultureInfo.InvariantCulture, $", the next comes in {next:0.0} s") : "";

    private static string Count(long count, string what) => string.Create(CultureInfo.InvariantCulture, $"{count} {what}{(count == 1 ? "" : "s")}");

    private static string Ahead(AgentStatus status) =>
        status.RecordedAheadSeconds > 0 ? $", {ValueText.Span(status.RecordedAheadSeconds)} ahead of the clock" : "";
}
