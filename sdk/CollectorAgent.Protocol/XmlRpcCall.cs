namespace CollectorAgent.Protocol;

/// <summary>A method with its positional parameters.</summary>
public sealed record XmlRpcCall(string Method, IReadOnlyList<XmlRpcValue> Parameters);
