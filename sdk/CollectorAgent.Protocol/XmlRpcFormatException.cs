namespace CollectorAgent.Protocol;

/// <summary>The other side sent something that is no XML-RPC.</summary>
public sealed class XmlRpcFormatException(string message, Exception? inner = null) : Exception(message, inner);
