using CollectorAgent.Plugins;
using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc;

/// <summary>Which connection holds which plugin: a plugin has one, and a connection that is closed has none.</summary>
/// <remarks>Safe for concurrent use. Locks are taken in this order: this one, then those of the page registry and the notices.</remarks>
public sealed class SocketRegistrations(PageRegistry pages, SampleNotices notices)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, MessagePackSession> _holders = new(StringComparer.Ordinal);

    /// <summary>Has the page of a plugin read, and its connection told of each reading.</summary>
    /// <exception cref="RpcRequestException">Another process holds it, or the connection holds too many.</exception>
    /// <exception cref="PluginProtocolException">The page cannot be read.</exception>
    internal void Register(string uid, TimeSpan shift, MessagePackSession session)
    {
        lock (_gate)
        {
            var holder = _holders.GetValueOrDefault(uid);
            bool isOthers = holder is not null && holder != session && holder.Peer != session.Peer;
            if (isOthers && !pages.MayTakeOver(uid, session.Peer, holder!.Peer))
            {
                throw new RpcRequestException(
                    RpcError.InternalError, $"{uid} is registered by process {holder!.Peer?.Pid}, whose connection is open");
            }
            if (holder != session && session.Shifts.Count == SocketRpc.MaxRegistrations)
            {
                throw new RpcRequestException(RpcError.InternalError, $"a connection registers at most {SocketRpc.MaxRegistrations} plugins");
            }
            pages.RegisterAhead(uid, session.Peer);
            if (holder is not null)
            {
                Release(uid, holder);
            }
            _holders[uid] = session;
            if (!session.Shifts.ContainsValue(shift))
            {
                notices.Add(session, shift);
            }
            session.Shifts.Add(uid, shift);
        }
    }

    /// <summary>Ends a registration; it is no error where this connection does not hold it.</summary>
    internal void Deregister(string uid, MessagePackSession session)
    {
        lock (_gate)
        {
            if (Has(uid, session))
            {
                Release(uid, session);
                pages.Release(uid, session.Peer);
            }
        }
    }

    internal bool Has(string uid, MessagePackSession session)
    {
        lock (_gate)
        {
            return _holders.GetValueOrDefault(uid) == session;
        }
    }

    /// <summary>A connection is closed, and ends with it all that it held.</summary>
    internal void End(MessagePackSession session)
    {
        lock (_gate)
        {
            foreach (string uid in session.Shifts.Keys.ToList())
            {
                Release(uid, session);
                // While the agent stops plugins stay registered: their values are not unknown, they are recorded again by the next agent.
                if (!session.IsAgentStopping)
                {
                    pages.Release(uid, session.Peer);
                }
            }
        }
    }

    private void Release(string uid, MessagePackSession holder)
    {
        _holders.Remove(uid);
        if (holder.Shifts.Remove(uid, out var shift) && !holder.Shifts.ContainsValue(shift))
        {
            notices.Remove(holder, shift);
        }
    }
}
