using System.CommandLine;
using System.Globalization;
using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>Removes data sources with their history.</summary>
internal sealed class ForgetVerb : Verb
{
    private const int MaxShown = 20;

    private readonly Argument<string> _pattern = new("PATTERN")
    {
        Description = "Name of a data source; '*' stands for any text, '?' for any character.",
    };

    private readonly Option<string?> _owner = new("--owner")
    {
        Description = "Only data sources of this owner: 'host', 'vm UUID' or 'sr UUID'.",
        HelpName = "OWNER",
    };

    private readonly Option<bool> _yes = new("--yes") { Description = "Do not ask." };

    public ForgetVerb()
        : base("forget", "Removes data sources with their history.", "collectorctl forget --owner host 'disk_sdb*'")
    {
        Add(_pattern);
        Add(_owner);
        Add(_yes);
    }

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        string pattern = arguments.GetRequiredValue(_pattern);
        string? owner = arguments.GetValue(_owner);
        if (owner is not null && !Owner.TryParse(owner, out _))
        {
            throw new CliException(ExitCode.Usage, $"'{Printable.Of(owner)}' is not an owner: there are 'host', 'vm UUID' and 'sr UUID'.");
        }
        var found = await CallAsync(session, owner, pattern, isDryRun: true, cancellationToken);
        if (found.Count == 0)
        {
            throw new CliException(
                ExitCode.NotFound, $"No data source matches '{Printable.Of(pattern)}'. 'collectorctl top --count 1' lists what there is.");
        }
        await using var output = session.OpenText();
        Show(output, found);
        await output.FlushAsync(cancellationToken);
        if (!arguments.GetValue(_yes) && !await IsConfirmedAsync(session, found.Count, cancellationToken))
        {
            await output.WriteLineAsync("Nothing was removed.");
            return;
        }
        var forgotten = await CallAsync(session, owner, pattern, isDryRun: false, cancellationToken);
        await output.WriteLineAsync($"Removed {Sources(forgotten.Count)}.");
    }

    private static void Show(TextWriter output, Matches found)
    {
        foreach (string name in found.First.Take(MaxShown))
        {
            output.WriteLine(Printable.Of(name));
        }
        if (found.Count > MaxShown)
        {
            output.WriteLine($"... and {Sources(found.Count - MaxShown)} more");
        }
        if (found.Reported > 0)
        {
            string part = found.Reported == found.Count ? "all" : found.Reported.ToString("#,0", CultureInfo.InvariantCulture);
            output.WriteLine($"Plugins still report {part} of them: these come back without their history.");
        }
    }

    /// <exception cref="CliException">Nobody can be asked.</exception>
    private static async Task<bool> IsConfirmedAsync(Session session, long count, CancellationToken cancellationToken)
    {
        if (Console.IsInputRedirected)
        {
            throw new CliException(ExitCode.Usage, "Cannot ask, because standard input is not a terminal. Add --yes to remove them.");
        }
        await session.Errors.WriteAsync($"Remove {Sources(count)} with their history? [y/N] ");
        string answer = await Console.In.ReadLineAsync(cancellationToken) ?? "";
        return answer.Trim().ToLowerInvariant() is "y" or "yes";
    }

    private static string Sources(long count) =>
        count == 1 ? "1 data source" : string.Create(CultureInfo.InvariantCulture, $"{count:#,0} data sources");

    private static async Task<Matches> CallAsync(
        Session session, string? owner, string pattern, bool isDryRun, CancellationToken cancellationToken)
    {
        XmlRpcValue ownerValue = owner is null ? XmlRpcValue.Nothing : owner;
        var call = new XmlRpcCall(ToolstackMethod.ForgetMatchingDss,
        [
            new XmlRpcValue.Struct(
            [
                new(ToolstackMethod.Owner, ownerValue),
                new(ToolstackMethod.Pattern, pattern),
                new(ToolstackMethod.DryRun, new XmlRpcValue.Boolean(isDryRun)),
            ]),
        ]);
        var answer = await session.Agent.CallAsync(call, cancellationToken) as XmlRpcValue.Struct;
        return new Matches(
            (long)(answer?.Find(ToolstackMethod.Count)?.AsNumber ?? 0),
            (long)(answer?.Find(ToolstackMethod.Reported)?.AsNumber ?? 0),
            [.. ((answer?.Find(ToolstackMethod.First) as XmlRpcValue.List)?.Items ?? []).Select(i => i.AsText ?? "")]);
    }

    /// <summary>What matches.</summary>
    private sealed record Matches(long Count, long Reported, IReadOnlyList<string> First);
}
