namespace CollectorAgent.Rpc;

/// <summary>A call that cannot be done, by the caller's fault or the thing's; it reaches the caller as it is.</summary>
/// <param name="variant">One of <see cref="Protocol.RpcError"/>.</param>
/// <param name="text">What it is about.</param>
public sealed class RpcRequestException(string variant, string text) : Exception(text)
{
    public string Variant => variant;
}
