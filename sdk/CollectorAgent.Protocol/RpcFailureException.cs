namespace CollectorAgent.Protocol;

/// <summary>The agent answered a call with an error.</summary>
public sealed class RpcFailureException(string variant, string text) : Exception($"{variant}: {text}")
{
    /// <summary>Its name, such as those of <see cref="RpcError"/>.</summary>
    public string Variant => variant;

    /// <summary>What it is about.</summary>
    public string Text => text;
}
