using System.CommandLine;
using CollectorAgent.Protocol;

namespace CollectorAgent.Cli;

/// <summary>Starts a plugin anew.</summary>
internal sealed class PluginRestartVerb : Verb
{
    private readonly Argument<string> _name = new("NAME") { Description = "As 'collectorctl plugins' lists it." };

    public PluginRestartVerb()
        : base("restart", "Starts a plugin of the agent anew, also one that was given up.", "collectorctl plugin restart vendor-array") => Add(_name);

    protected override async Task RunAsync(Session session, ParseResult arguments, CancellationToken cancellationToken)
    {
        var call = new XmlRpcCall(RpcMethod.Restart, [new XmlRpcValue.Struct([new(RpcMethod.Name, arguments.GetRequiredValue(_name))])]);
        await session.Agent.CallAsync(call, cancellationToken);
    }
}
