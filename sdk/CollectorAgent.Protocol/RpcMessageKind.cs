namespace CollectorAgent.Protocol;

/// <summary>What a message of MessagePack-RPC is; the number is the first value of the message.</summary>
public enum RpcMessageKind
{
    /// <summary>A call: its id, the method, the parameters.</summary>
    Request = 0,

    /// <summary>The answer to a call: its id, an error or nil, a result or nil.</summary>
    Response = 1,

    /// <summary>What nobody answers: the method, the parameters.</summary>
    Notice = 2,
}
