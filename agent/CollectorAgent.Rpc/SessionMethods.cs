using CollectorAgent.Plugins;
using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc;

/// <summary>The methods of MessagePack-RPC by name. See docs/formats/messagepack-rpc.md.</summary>
public sealed class SessionMethods
{
    private readonly AgentPaths _paths;
    private readonly string _version;
    private readonly SocketRegistrations _registrations;
    private readonly Func<TimeSpan> _untilNextReading;
    private readonly Capabilities _capabilities;
    private readonly ToolstackMethods _toolstack;
    private readonly SrNotices _srNotices;
    private readonly Dictionary<string, SessionMethod> _methods;

    /// <param name="paths">Where pages are.</param>
    /// <param name="version">Of the agent.</param>
    /// <param name="untilNextReading">Time until the pages are read next.</param>
    /// <param name="capabilities">What can be counted on.</param>
    /// <param name="toolstack">The methods that only root and the agent's own user may call.</param>
    /// <param name="srNotices">Tells of SRs.</param>
    public SessionMethods(
        AgentPaths paths, string version, SocketRegistrations registrations, Func<TimeSpan> untilNextReading, Capabilities capabilities,
        ToolstackMethods toolstack, SrNotices srNotices)
    {
        _toolstack = toolstack;
        _srNotices = srNotices;
        _capabilities = capabilities;
        _paths = paths;
        _version = version;
        _registrations = registrations;
        _untilNextReading = untilNextReading;
        _methods = new(StringComparer.Ordinal)
        {
            [SocketRpc.Hello] = Hello,
            [SocketRpc.Register] = Register,
            [SocketRpc.Deregister] = Deregister,
            [SocketRpc.NextReading] = NextReading,
            [SocketRpc.Capabilities] = GetCapabilities,
            [SocketRpc.WatchSrs] = WatchSrs,
        };
    }

    /// <summary>Does a call.</summary>
    /// <exception cref="RpcRequestException">It cannot be done.</exception>
    /// <exception cref="PluginProtocolException">It cannot be done by the plugin's fault.</exception>
    /// <exception cref="MessagePackFormatException">Its parameters are wrong.</exception>
    internal void Call(RpcMessage request, MessagePackSession session, MessagePackWriter result)
    {
        if (!session.HasSaidHello && request.Method != SocketRpc.Hello)
        {
            throw new RpcRequestException(RpcError.InvalidProtocol, $"the first call of a connection is {SocketRpc.Hello}");
        }
        if (!_methods.TryGetValue(request.Method, out var method))
        {
            throw new RpcRequestException(RpcError.UnknownMethod, $"there is no method {RpcEndpoint.Printable(request.Method)}");
        }
        method(NamedValues.OfParameters(request.Parameters), session, result);
    }

    /// <summary>A message that is a call of a toolstack; null where it is anything else.</summary>
    /// <exception cref="MessagePackFormatException">It is no message.</exception>
    internal ToolstackCall? ToolstackCall(ReadOnlySpan<byte> bytes, MessagePackSession session)
    {
        var message = RpcMessage.Read(bytes);
        if (message.Kind != RpcMessageKind.Request || !session.HasSaidHello || !_toolstack.Has(message.Method))
        {
            return null;
        }
        try
        {
            var call = MessagePackValues.Call(message.Method, message.Parameters);
            return new ToolstackCall(message.Id, stop => _toolstack.CallAsync(call, session.Peer, stop));
        }
        catch (MessagePackFormatException e)
        {
            return new ToolstackCall(message.Id, _ => throw new RpcRequestException(RpcError.InternalError, e.Message));
        }
    }

    private void GetCapabilities(NamedValues arguments, MessagePackSession session, MessagePackWriter result)
    {
        var capabilities = _capabilities.Report();
        result.WriteArrayHeader(capabilities.Count);
        foreach (var capability in capabilities)
        {
            result.WriteMapHeader(3);
            result.Write("name");
            result.Write(capability.Name);
            result.Write("sr_types");
            Write(capability.SrTypes);
            result.Write("srs");
            Write(capability.Srs);
        }

        void Write(IReadOnlyList<string> texts)
        {
            result.WriteArrayHeader(texts.Count);
            foreach (string text in texts)
            {
                result.Write(text);
            }
        }
    }

    internal void End(MessagePackSession session)
    {
        _registrations.End(session);
        _srNotices.Remove(session);
    }

    private void WatchSrs(NamedValues arguments, MessagePackSession session, MessagePackWriter result)
    {
        _srNotices.Add(session);
        result.WriteNil();
    }

    private void Hello(NamedValues arguments, MessagePackSession session, MessagePackWriter result)
    {
        long protocol = arguments.Integer(SocketRpc.Protocol);
        if (protocol != SocketRpc.ProtocolVersion)
        {
            throw new RpcRequestException(RpcError.InvalidProtocol, $"protocol {protocol} is not spoken; spoken: {SocketRpc.ProtocolVersion}");
        }
        session.SaysHello(arguments.Text(SocketRpc.Client));
        result.WriteMapHeader(4);
        result.Write(SocketRpc.Protocol);
        result.Write((long)SocketRpc.ProtocolVersion);
        result.Write(SocketRpc.Agent);
        result.Write(_version);
        result.Write(SocketRpc.Step);
        result.Write((long)SocketRpc.StepSeconds);
        result.Write(SocketRpc.Pages);
        result.Write(_paths.Pages);
    }

    private void Register(NamedValues arguments, MessagePackSession session, MessagePackWriter result)
    {
        string uid = Uid(arguments);
        double shift = arguments.Number(SocketRpc.Shift, SocketRpc.StandardShiftSeconds);
        if (shift is not (>= 0 and <= SocketRpc.MaxShiftSeconds))
        {
            throw new RpcRequestException(RpcError.InternalError, $"'{SocketRpc.Shift}' is 0 to {SocketRpc.MaxShiftSeconds} seconds");
        }
        _registrations.Register(uid, TimeSpan.FromSeconds(shift), session);
        result.WriteMapHeader(2);
        result.Write(SocketRpc.Path);
        result.Write(_paths.Page(uid));
        result.Write(SocketRpc.NextReadingSeconds);
        result.Write(_untilNextReading().TotalSeconds);
    }

    private void Deregister(NamedValues arguments, MessagePackSession session, MessagePackWriter result)
    {
        _registrations.Deregister(Uid(arguments), session);
        result.WriteNil();
    }

    private void NextReading(NamedValues arguments, MessagePackSession session, MessagePackWriter result)
    {
        string uid = Uid(arguments);
        if (!_registrations.Has(uid, session))
        {
            throw new RpcRequestException(RpcError.InternalError, $"{uid} is not registered on this connection");
        }
        result.Write(_untilNextReading().TotalSeconds);
    }

    private static string Uid(NamedValues arguments)
    {
        string uid = arguments.Text(SocketRpc.Uid);
        return PluginUid.IsValid(uid) ? uid : throw new RpcRequestException(RpcError.InternalError, PluginUid.Rule);
    }
}
