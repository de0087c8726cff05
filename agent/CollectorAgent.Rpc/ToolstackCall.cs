using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc;

/// <summary>A call of a toolstack that came over MessagePack-RPC.</summary>
/// <param name="Id">Which answer belongs to it.</param>
/// <param name="Work">Does it; <see cref="RpcRequestException"/> where it cannot be done.</param>
internal readonly record struct ToolstackCall(uint Id, Func<CancellationToken, Task<XmlRpcValue>> Work);
