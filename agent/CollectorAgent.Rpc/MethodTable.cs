using CollectorAgent.Plugins;
using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc;

/// <summary>The methods by name. Names have their case; parameters travel by name.</summary>
public sealed class MethodTable
{
    // What a plugin is told that is not registered.
    private const double UnknownUid = -1;

    private readonly AgentPaths _paths;
    private readonly PageRegistry _pages;
    private readonly Func<TimeSpan> _untilNextReading;
    private readonly Action<string> _restart;
    private readonly Capabilities _capabilities;
    private readonly Dictionary<string, Func<RpcArguments, PeerIdentity?, XmlRpcValue>> _methods;

    /// <param name="paths">Where pages are.</param>
    /// <param name="pages">Which are read.</param>
    /// <param name="untilNextReading">Time until they are read next.</param>
    /// <param name="restart">Starts a plugin of the agent anew, by its name.</param>
    /// <param name="capabilities">What can be counted on.</param>
    public MethodTable(AgentPaths paths, PageRegistry pages, Func<TimeSpan> untilNextReading, Action<string> restart, Capabilities capabilities)
    {
        _restart = restart;
        _capabilities = capabilities;
        _paths = paths;
        _pages = pages;
        _untilNextReading = untilNextReading;
        _methods = new(StringComparer.Ordinal)
        {
            [RpcMethod.GetHeader] = GetHeader,
            [RpcMethod.GetPath] = GetPath,
            [RpcMethod.Register] = (arguments, peer) => Register(arguments, RpcMethod.Frequency, peer),
            [RpcMethod.LocalRegister] = (arguments, peer) => Register(arguments, RpcMethod.Info, peer),
            [RpcMethod.Deregister] = Deregister,
            [RpcMethod.LocalDeregister] = Deregister,
            [RpcMethod.NextReading] = NextReading,
            [RpcMethod.LocalNextReading] = NextReading,
            [RpcMethod.Restart] = Restart,
            [RpcMethod.GetCapabilities] = GetCapabilities,
        };
    }

    public bool Has(string method) => _methods.ContainsKey(method);

    /// <summary>Does a call.</summary>
    /// <param name="peer">Who calls, where the kernel knows.</param>
    /// <returns>The envelope to answer with.</returns>
    public XmlRpcValue Call(XmlRpcCall call, PeerIdentity? peer)
    {
        try
        {
            return RpcReply.Succeeded(_methods[call.Method](new RpcArguments(call), peer));
        }
        catch (RpcRequestException e)
        {
            return RpcReply.Failed(e.Variant, e.Message);
        }
        catch (PluginProtocolException e)
        {
            return RpcReply.Failed(RpcError.InternalError, e.Message);
        }
    }

    private XmlRpcValue GetHeader(RpcArguments arguments, PeerIdentity? peer)
    {
        arguments.Nothing();
        return RpcMethod.Header;
    }

    private XmlRpcValue GetPath(RpcArguments arguments, PeerIdentity? peer) => _paths.Page(arguments.Uid());

    private XmlRpcValue Register(RpcArguments arguments, string frequency, PeerIdentity? peer)
    {
        string uid = arguments.Uid();
        arguments.FiveSeconds(frequency);
        _pages.Register(uid, peer);
        return _untilNextReading().TotalSeconds;
    }

    private XmlRpcValue Deregister(RpcArguments arguments, PeerIdentity? peer)
    {
        _pages.Deregister(arguments.Uid(), peer);
        return XmlRpcValue.Nothing;
    }

    private XmlRpcValue Restart(RpcArguments arguments, PeerIdentity? peer)
    {
        string name = arguments.Text(RpcMethod.Name);
        if (peer?.IsRootOrOwn != true)
        {
            throw new RpcRequestException(RpcError.InternalError, $"{RpcMethod.Restart}: only root and the agent's own user may do that");
        }
        _restart(name);
        return XmlRpcValue.Nothing;
    }

    private XmlRpcValue.List GetCapabilities(RpcArguments arguments, PeerIdentity? peer)
    {
        arguments.Nothing();
        return new XmlRpcValue.List([.. _capabilities.Report().Select(c => new XmlRpcValue.Struct(
            [new("name", c.Name), new("sr_types", Texts(c.SrTypes)), new("srs", Texts(c.Srs))]))]);

        static XmlRpcValue Texts(IReadOnlyList<string> texts) => new XmlRpcValue.List([.. texts.Select(t => (XmlRpcValue)t)]);
    }

    private XmlRpcValue NextReading(RpcArguments arguments, PeerIdentity? peer) =>
        _pages.Contains(arguments.Uid()) ? _untilNextReading().TotalSeconds : UnknownUid;
}
