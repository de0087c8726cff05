using System.CommandLine;

namespace CollectorAgent.Cli;

/// <summary>What a toolstack can count on.</summary>
internal sealed class CapabilitiesVerb : Verb
{
    private const string Path = "capabilities";

    private readonly Option<bool> _json = RowOptions.Json("The document of the agent, as it is.");

    public CapabilitiesVerb()
        : base("capabilities", "Shows what can be counted on: which types of SR have statistics, and which SRs.", "collectorctl capabilities") =>
        Add(_json);

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(_json))
        {
            await using var answer = await session.Agent.GetAsync(Path, "application/json", AgentConnection.MaxDocumentBytes, cancellationToken);
            await answer.CopyToAsync(session.Output, cancellationToken);
            await session.Output.WriteAsync("\n"u8.ToArray(), cancellationToken);
            return;
        }
        var capabilities = await session.Agent.GetJsonAsync(Path, AgentJson.Default.IReadOnlyListCapabilityEntry, cancellationToken);
        var table = new TextTable("CAPABILITY", "SR TYPES", "SRS");
        foreach (var capability in capabilities)
        {
            table.Add(capability.Name ?? "", string.Join(' ', capability.SrTypes ?? []), string.Join(' ', capability.Srs ?? []));
        }
        await using var text = session.OpenText();
        foreach (string line in table.Lines())
        {
            await text.WriteLineAsync(line);
        }
    }
}
