using CollectorAgent.Protocol;

namespace CollectorAgent.Rpc;

/// <summary>The named arguments of a call, which travel as one struct in the first parameter.</summary>
internal sealed class RpcArguments(XmlRpcCall call)
{
    private readonly XmlRpcValue.Struct? _named = call.Parameters.Count > 0 ? call.Parameters[0] as XmlRpcValue.Struct : null;

    /// <summary>An argument that is text.</summary>
    /// <exception cref="RpcRequestException">It is missing or no text.</exception>
    public string Text(string name) =>
        _named?.Find(name)?.AsText ?? throw Wrong($"'{name}' is missing or no text: the first parameter is a struct of the named arguments");

    /// <summary>A uid.</summary>
    /// <exception cref="RpcRequestException">It is missing or none.</exception>
    public string Uid()
    {
        string uid = Text(RpcMethod.Uid);
        return PluginUid.IsValid(uid) ? uid : throw Wrong($"'{Shortened(uid)}' is no uid: {PluginUid.Rule}");
    }

    /// <summary>Checks the one frequency there is.</summary>
    /// <exception cref="RpcRequestException">It is another one, or missing.</exception>
    public void FiveSeconds(string name)
    {
        string frequency = Text(name);
        if (!frequency.Equals(RpcMethod.FiveSeconds, StringComparison.OrdinalIgnoreCase))
        {
            throw Wrong($"'{Shortened(frequency)}' is no frequency; there is {RpcMethod.FiveSeconds}");
        }
    }

    /// <summary>Checks that the one parameter of a method without arguments is there.</summary>
    /// <exception cref="RpcRequestException">It is not.</exception>
    public void Nothing()
    {
        if (call.Parameters is not [XmlRpcValue.Nil])
        {
            throw Wrong($"{call.Method} takes one parameter, nil");
        }
    }

    private RpcRequestException Wrong(string text) => new(RpcError.InternalError, $"{call.Method}: {text}");

    private static string Shortened(string text) => text.Length > PluginUid.MaxLength ? text[..PluginUid.MaxLength] + "…" : text;
}
