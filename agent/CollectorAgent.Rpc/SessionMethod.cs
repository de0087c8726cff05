using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc;

/// <summary>A method of the socket: does a call and writes its result, one value.</summary>
/// <param name="arguments">What came with the call.</param>
/// <param name="session">Who calls.</param>
/// <exception cref="RpcRequestException">The call cannot be done; what was written is dropped.</exception>
/// <exception cref="MessagePackFormatException">An argument is missing or wrong.</exception>
internal delegate void SessionMethod(NamedValues arguments, MessagePackSession session, MessagePackWriter result);
