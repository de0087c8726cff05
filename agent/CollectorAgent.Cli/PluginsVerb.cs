using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>How the plugins are doing.</summary>
internal sealed class PluginsVerb : Verb
{
    private readonly Option<bool> _json = RowOptions.Json("The plugins in the agent's document, as they are.");

    public PluginsVerb()
        : base("plugins", "Lists the plugins: their state, what they report, and what is wrong with them.", "collectorctl plugins") =>
        Add(_json);

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        await using var answer = await session.Agent.GetAsync(
            AgentStatus.Path, "application/json", AgentConnection.MaxDocumentBytes, cancellationToken);
        await using var text = session.OpenText();
        if (arguments.GetValue(_json))
        {
            await text.WriteLineAsync(await JsonAsync(session.Agent, answer, cancellationToken));
            return;
        }
        var status = await StatusReader.ReadAsync(session.Agent, answer, cancellationToken);
        foreach (string line in Processes(status.Processes ?? []).Concat(Pages(status.Plugins ?? [], answer.Date ?? session.Time.GetUtcNow())))
        {
            await text.WriteLineAsync(line);
        }
    }

    /// <summary>The plugins that the agent runs.</summary>
    private static IEnumerable<string> Processes(IReadOnlyList<ProcessEntry> processes)
    {
        var table = new TextTable("PLUGIN", "VERSION", "STATE", ">PID", ">RESTARTS", ">CPU", ">MEMORY", "REASON");
        foreach (var process in processes)
        {
            bool isRunning = process.Pid is not null;
            table.Add(
                process.Name ?? "",
                process.Version ?? "",
                process.State ?? "",
                process.Pid?.ToString(CultureInfo.InvariantCulture) ?? "",
                process.Restarts.ToString(CultureInfo.InvariantCulture),
                process.CpuSecondsPerTick is { } seconds ? ValueText.Of(seconds / SocketRpc.StepSeconds, "(fraction)") : "",
                isRunning && process.MemoryBytes > 0 ? ValueText.Of(process.MemoryBytes, "B") : "",
                process.Reason ?? "");
        }
        return processes.Count > 0 ? table.Lines().Append("") : [];
    }

    /// <summary>The pages that are read.</summary>
    private static IEnumerable<string> Pages(IReadOnlyList<PluginEntry> plugins, DateTimeOffset now)
    {
        var table = new TextTable("PAGE", "STATE", ">FORMAT", ">SOURCES", ">LAST SAMPLE", ">READ", "TROUBLE");
        foreach (var plugin in plugins)
        {
            table.Add(
                plugin.Uid ?? "",
                plugin.State ?? "",
                plugin.PageVersion > 0 ? string.Create(CultureInfo.InvariantCulture, $"V{plugin.PageVersion}") : "",
                plugin.DataSources.ToString(CultureInfo.InvariantCulture),
                StatusReader.Age(now, plugin.LastSample),
                string.Create(CultureInfo.InvariantCulture, $"{plugin.ReadMs:0.00} ms"),
                Trouble(plugin));
        }
        foreach (string line in table.Lines())
        {
            yield return line;
        }
        foreach (var plugin in plugins)
        {
            foreach (string name in plugin.Refused ?? [])
            {
                yield return Printable.Of($"{plugin.Uid}: refused {name}, which another plugin reports, or the page has twice");
            }
            foreach (string what in plugin.LeftOut ?? [])
            {
                yield return Printable.Of($"{plugin.Uid}: left out {what}");
            }
        }
    }

    private static string Trouble(PluginEntry plugin)
    {
        int refused = plugin.Refused?.Count ?? 0;
        string status = plugin.Status is null or "Ok" or "Unchanged" ? ""
            : string.IsNullOrEmpty(plugin.Detail) ? plugin.Status
            : $"{plugin.Status}: {plugin.Detail}";
        string sources = refused > 0 ? string.Create(CultureInfo.InvariantCulture, $"{refused} data sources refused") : "";
        string leftOut = plugin.LeftOut is { Count: > 0 } ? "metrics left out" : "";
        return string.Join("; ", new[] { status, sources, leftOut }.Where(t => t.Length > 0));
    }

    /// <summary>The members of the agent's document that speak of plugins, as they are.</summary>
    private static async Task<string> JsonAsync(AgentConnection agent, Stream answer, CancellationToken cancellationToken)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(answer, cancellationToken: cancellationToken);
            return $$"""{"plugins": {{Member("plugins")}}, "processes": {{Member("processes")}}}""";

            string Member(string name) => document.RootElement.GetProperty(name).GetRawText();
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw agent.NotUnderstood(AgentStatus.Path, e);
        }
    }
}
