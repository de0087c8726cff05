using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>How the plugins are doing.</summary>
internal sealed class PluginsVerb : Verb
{
    private const int MostOfName = 32;
    private const int MostOfVersion = 12;

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
        var now = answer.Date ?? session.Time.GetUtcNow();
        foreach (string line in AllLines(status, now))
        {
            await text.WriteLineAsync(line);
        }
    }

    internal static IEnumerable<string> AllLines(AgentStatus status, DateTimeOffset now) =>
        Processes(status.Processes ?? [], status.Plugins ?? [], now).Concat(Pages(status.Plugins ?? [], now));

    /// <summary>The plugins that the agent runs, and what is wrong with each.</summary>
    private static IEnumerable<string> Processes(
        IReadOnlyList<ProcessEntry> processes, IReadOnlyList<PluginEntry> pages, DateTimeOffset now)
    {
        var table = new TextTable("PLUGIN", "VERSION", "STATE", ">PID", ">RESTARTS", ">CPU", ">MEMORY");
        var troubles = new List<string>();
        foreach (var process in processes)
        {
            bool isRunning = process.Pid is not null;
            string state = PluginHealth.State(process, pages);
            table.Add(
                Lines.Cut(process.Name ?? "", MostOfName),
                Lines.Cut(process.Version ?? "", MostOfVersion),
                state,
                process.Pid?.ToString(CultureInfo.InvariantCulture) ?? "",
                process.Restarts.ToString(CultureInfo.InvariantCulture),
                process.CpuSecondsPerTick is { } seconds ? ValueText.Of(seconds / SocketRpc.StepSeconds, "(fraction)") : "",
                isRunning && process.MemoryBytes > 0 ? ValueText.Of(process.MemoryBytes, "B") : "");
            if (PluginHealth.Trouble(process, pages, state, now) is { } trouble)
            {
                troubles.AddRange(Lines.Wrap($"{process.Name}: {trouble}"));
            }
        }
        return processes.Count > 0 ? table.Lines().Concat(troubles).Append("") : [];
    }

    /// <summary>The pages that are read, and what is wrong with each.</summary>
    private static IEnumerable<string> Pages(IReadOnlyList<PluginEntry> plugins, DateTimeOffset now)
    {
        var table = new TextTable("PAGE", "STATE", ">FORMAT", ">SOURCES", ">LAST SAMPLE", ">READ");
        foreach (var plugin in plugins)
        {
            table.Add(
                Lines.Cut(plugin.Uid ?? "", MostOfName),
                plugin.State ?? "",
                plugin.PageVersion > 0 ? string.Create(CultureInfo.InvariantCulture, $"V{plugin.PageVersion}") : "",
                plugin.DataSources.ToString(CultureInfo.InvariantCulture),
                StatusReader.Age(now, plugin.LastSample),
                string.Create(CultureInfo.InvariantCulture, $"{plugin.ReadMs:0.00} ms"));
        }
        return table.Lines().Concat(plugins.SelectMany(Troubles).SelectMany(Lines.Wrap));
    }

    private static IEnumerable<string> Troubles(PluginEntry plugin)
    {
        if (plugin.Status is "Unchanged" && !string.IsNullOrEmpty(plugin.Detail))
        {
            yield return $"{plugin.Uid}: {plugin.Detail}";
        }
        else if (plugin.Status is not (null or "Ok" or "Unchanged"))
        {
            yield return $"{plugin.Uid}: {plugin.Status}" + (string.IsNullOrEmpty(plugin.Detail) ? "" : $": {plugin.Detail}");
        }
        foreach (string name in plugin.Refused ?? [])
        {
            yield return $"{plugin.Uid}: refused {name}, which another plugin reports, or the page has twice";
        }
        foreach (string what in plugin.LeftOut ?? [])
        {
            yield return $"{plugin.Uid}: left out {what}";
        }
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
