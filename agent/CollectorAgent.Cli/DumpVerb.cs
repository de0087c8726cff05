using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Xml;
using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>A whole RRD.</summary>
internal sealed class DumpVerb : Verb
{
    private readonly Argument<Owner?> _owner = new("OWNER")
    {
        Description = "Whose: host, vm UUID or sr UUID. Default: host.",
        Arity = new ArgumentArity(0, 2),
        CustomParser = ParseOwner,
        DefaultValueFactory = _ => Owner.Host,
    };

    private readonly Option<bool> _json = RowOptions.Json("JSON in place of XML.");
    private readonly Option<bool> _rrdtool = new("--rrdtool")
    {
        Description = "XML that 'rrdtool restore' accepts: names it cannot use are changed, and each change is told on standard error.",
    };

    public DumpVerb()
        : base(
            "dump",
            "Writes a whole RRD, all its history, as the agent's XML document.",
            "collectorctl dump --rrdtool > host.xml && rrdtool restore host.xml host.rrd")
    {
        Add(_owner);
        Add(_json);
        Add(_rrdtool);
        Validators.Add(result =>
        {
            if (result.GetValue(_json) && result.GetValue(_rrdtool))
            {
                result.AddError("--json and --rrdtool are two documents: leave one of them out.");
            }
        });
    }

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        var owner = arguments.GetValue(_owner) ?? Owner.Host;
        bool isJson = arguments.GetValue(_json);
        string path = owner.Kind switch
        {
            OwnerKind.Vm => $"vm_rrd?uuid={Uri.EscapeDataString(owner.Uuid)}",
            OwnerKind.Sr => $"sr_rrd?uuid={Uri.EscapeDataString(owner.Uuid)}",
            _ => "host_rrd",
        };
        await using var answer = await GetAsync(session.Agent, path, isJson ? "application/json" : "text/xml", owner, cancellationToken);
        if (!arguments.GetValue(_rrdtool))
        {
            await answer.CopyToAsync(session.Output, cancellationToken);
            return;
        }
        try
        {
            await RrdtoolDocument.RewriteAsync(
                answer,
                session.Output,
                (old, renamed) => session.Errors.WriteLine($"collectorctl: data source '{Printable.Of(old)}' is '{renamed}' for rrdtool"),
                cancellationToken);
        }
        catch (XmlException e)
        {
            throw session.Agent.NotUnderstood(path, e);
        }
    }

    private static async Task<AnswerStream> GetAsync(
        AgentConnection agent, string path, string accept, Owner owner, CancellationToken cancellationToken)
    {
        try
        {
            return await agent.GetAsync(path, accept, long.MaxValue, cancellationToken);
        }
        catch (RefusalException e) when (e.Status == HttpStatusCode.NotFound)
        {
            throw new CliException(ExitCode.NotFound, $"The agent keeps no RRD of {owner}. 'collectorctl status' lists the owners.", e);
        }
    }

    private static Owner? ParseOwner(ArgumentResult result)
    {
        int words = result.Tokens.Count;
        var owner = words == 0 ? Owner.Host : RowOptions.ParseOwner(result);
        if (owner is null && !result.Errors.Any())
        {
            result.AddError("dump writes the RRD of one owner: host, vm UUID or sr UUID.");
        }
        return owner;
    }
}
