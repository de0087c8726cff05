using System.Net;

namespace CollectorAgent.Cli;

/// <summary>What is read of an entry of <c>/data_sources</c>.</summary>
internal sealed record DataSourceEntry(string? Owner, string? Uuid, string? Name, string? Plugin, string? Type, string? Units, bool Recorded)
{
    /// <summary>The units of everything that plugins report now; empty where the agent does not tell them.</summary>
    public static async Task<IReadOnlyDictionary<(string Kind, string Uuid, string Name), string>> UnitsAsync(
        AgentConnection agent, CancellationToken cancellationToken)
    {
        var units = new Dictionary<(string, string, string), string>();
        try
        {
            foreach (var entry in await agent.GetJsonAsync("data_sources", AgentJson.Default.IReadOnlyListDataSourceEntry, cancellationToken))
            {
                units.TryAdd((entry.Owner ?? "", entry.Uuid ?? "", entry.Name ?? ""), entry.Units ?? "");
            }
        }
        catch (RefusalException e) when (e.Status == HttpStatusCode.NotFound)
        {
            // An agent before this one: it has values, and nothing about them.
        }
        return units;
    }
}
